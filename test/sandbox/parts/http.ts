import { readFileSync } from "node:fs";
import { request } from "node:https";

const timeoutMs = 3000;

/** True if a GET gives 200. */
export async function answers(url: string): Promise<boolean> {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  return status === 200;
}

/** The status of a GET over TLS with a bearer token and a certificate authority of one's own. */
export function tlsStatus(url: string, token: string, caFile: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, ca: readFileSync(caFile), agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    call.once("timeout", () => call.destroy(new Error("timeout"))).once("error", reject);
    call.end();
  });
}
