import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";

export interface Drained {
  readonly server: Server;
  readonly pools: readonly Pool[];
  readonly state: { draining: boolean };
  readonly lameduckSeconds: number;
}

/**
 * Stops the service without failing a request: it goes on serving, unready, until clients have heard that this pod
 * goes; then closes idle connections, finishes what is in flight, ends the pools and lets the process exit with 0.
 */
export function drainOn(signal: NodeJS.Signals, drained: Drained): void {
  process.once(signal, () => void drain(drained));
}

async function drain({ server, pools, state, lameduckSeconds }: Drained): Promise<void> {
  state.draining = true;
  await delay(lameduckSeconds * 1_000);
  await new Promise((closed) => server.close(closed));
  await Promise.all(pools.map((pool) => pool.end()));
}
