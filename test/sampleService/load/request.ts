import { type Agent, get } from "node:http";
import type { Endpoint } from "./endpoints";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One GET, never repeated.
 * @throws {Error} with a code: TIMEOUT when nothing came for `timeoutMs`, or that of the socket (ECONNREFUSED …).
 */
export function request(agent: Agent, { address, port }: Endpoint, path: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = get({ agent, host: address, port, path, timeout: timeoutMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(Object.assign(new Error("no answer"), { code: "TIMEOUT" })));
    outgoing.on("error", reject);
  });
}

/** The code that the service put into the body of a failure, if it is one. */
export function codeIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === "string" && /^\w{1,40}$/.test(error) ? error : undefined;
  } catch {
    return undefined;
  }
}
