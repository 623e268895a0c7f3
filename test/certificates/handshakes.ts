import { setTimeout as delay } from "node:timers/promises";
import { tls } from "../../rotation/ports/tls";

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Clients that shake hands with servers all the time, and verify what they show. */
export interface Handshakes {
  /** Ends it. `serials` in the order in which they were seen first. */
  end(): Promise<{ readonly count: number; readonly failed: readonly string[]; readonly serials: readonly string[] }>;
}

const pauseMs = 20;

/**
 * @param targets  asked before each handshake: where servers are ready now
 * @param ca  PEM: what the clients trust now
 */
export function shakeHands(targets: () => readonly Target[], serverName: string, ca: () => string): Handshakes {
  const failed: string[] = [];
  const serials = new Set<string>();
  let count = 0;
  let isEnding = false;
  const run = async () => {
    while (!isEnding) {
      for (const { address, port } of targets()) {
        const answer = await tls.ask({ address, port, serverName, ca: ca() });
        count += 1;
        if ("failed" in answer) failed.push(`${address}: ${answer.failed}`);
        else if (answer.refused !== undefined) failed.push(`${address}: ${answer.refused}`);
        else serials.add(answer.serial);
      }
      await delay(pauseMs);
    }
  };
  const running = run();
  return {
    async end() {
      isEnding = true;
      await running;
      return { count, failed, serials: [...serials] };
    },
  };
}
