import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What is between a driver and ECS: it counts redeployments, and leaves one of them without an answer. */
export interface HeldEcs {
  readonly url: string;
  /** Redeployments that have reached ECS. */
  redeployed(): number;
  /** Holds the next one before it gets to ECS, or its answer. @returns resolves when it is held */
  hold(when: "before" | "after"): Promise<void>;
  stop(): void;
}

/** @param endpoint  where ECS is */
export async function startHeldEcs(endpoint: string): Promise<HeldEcs> {
  let redeployed = 0;
  let held: { when: "before" | "after"; reached: () => void } | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, "content-length": __, ...headers } = request.headers;
    const target = String(headers["x-amz-target"]);
    const holding = target.endsWith(".UpdateService") ? held : undefined;
    if (holding) held = undefined;
    if (holding?.when === "before") return holding.reached();
    const sent = { method: "POST", headers: headers as Record<string, string>, body: Buffer.concat(chunks) };
    const found = await fetch(`${endpoint}${request.url}`, sent);
    const body = await found.text();
    if (target.endsWith(".UpdateService")) redeployed += 1;
    if (holding) return holding.reached();
    response.writeHead(found.status, { "content-type": found.headers.get("content-type") ?? "" });
    response.end(body);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    redeployed: () => redeployed,
    hold: (when) =>
      new Promise((reached) => {
        held = { when, reached };
      }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
