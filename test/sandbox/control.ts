import { once } from "node:events";
import { realpathSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { lockAddress } from "./tools/processLock";

/** What the main process of a sandbox can be asked to do. */
export interface Control {
  stop(): void;
  restart(part: string): Promise<void>;
}

const address = (dir: string) => lockAddress(`sandbox ${realpathSync(dir)}`);

/**
 * Listens for requests about a folder, which must exist. Only one process can listen for a folder, so this is also the lock on it, and whoever answers there
 * with the right token is the sandbox of that folder, whatever pid it has.
 * @returns undefined if another process holds the folder
 */
export async function serveControl(dir: string, token: string, control: Control): Promise<Server | undefined> {
  const server = createServer((call, response) => {
    const answer = (status: number, text: string) => response.writeHead(status).end(text);
    if (call.headers.authorization !== `Bearer ${token}`) return answer(403, "wrong token");
    const [, action, part] = (call.url ?? "").split("/");
    if (action === "stop") {
      answer(202, "");
      return control.stop();
    }
    if (action !== "restart" || part === undefined) return answer(404, "no such action");
    control.restart(part).then(
      () => answer(200, ""),
      (error: Error) => answer(500, error.message),
    );
  });
  try {
    server.listen(address(dir));
    await once(server, "listening");
    server.unref();
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}

/** Asks the main process. @throws Error if nothing answers, or with what it answered */
export async function askControl(dir: string, token: string, path: string, timeoutMs: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await new Promise<void>((resolve, reject) => {
    const options = { socketPath: address(dir), path, method: "POST", headers, timeout: timeoutMs };
    const call = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => ((response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(text))));
    });
    call.once("timeout", () => call.destroy(new Error(`the sandbox did not answer within ${timeoutMs / 1000} s`)));
    call.once("error", reject).end();
  });
}
