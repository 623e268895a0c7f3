import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface GitHub {
  /** What GITHUB_API_URL is to be. */
  readonly url: string;
  /** What was asked, e.g. `GET /repos/acme/shop/actions/runs/7 Bearer token`. */
  readonly asked: readonly string[];
  /** What it answers from now on. */
  answer(status: number, body: object): void;
  stop(): void;
}

/** Stands in for GitHub's REST API: one answer for every question. */
export async function startGitHub(): Promise<GitHub> {
  const asked: string[] = [];
  let next = { status: 404, body: {} };
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim());
    response.writeHead(next.status, { "content-type": "application/json" }).end(JSON.stringify(next.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (status, body) => {
      next = { status, body };
    },
    stop: () => server.close().closeAllConnections(),
  };
}
