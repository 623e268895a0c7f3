import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** Answers of the driver's own, where ACME servers ask for a proof by HTTP. */
export interface ChallengeServer {
  /**
   * Answers a path with a text until it is told to end. Several may be answered at one port.
   *
   * @returns ends it
   * @throws Error with a code such as EADDRINUSE when the port cannot be had
   */
  answer(port: number, path: string, text: string): Promise<() => Promise<void>>;
}

interface Listening {
  readonly texts: Map<string, string>;
  readonly server: Promise<Server>;
}

export function challengeServer(): ChallengeServer {
  const byPort = new Map<number, Listening>();
  return {
    async answer(port, path, text) {
      const found = byPort.get(port) ?? listen(port);
      byPort.set(port, found);
      found.texts.set(path, text);
      const end = async () => {
        found.texts.delete(path);
        if (found.texts.size > 0 || byPort.get(port) !== found) return;
        byPort.delete(port);
        await found.server.then(
          (server) => server.close(),
          () => undefined,
        );
      };
      try {
        await found.server;
      } catch (error) {
        await end();
        throw error;
      }
      return end;
    },
  };
}

function listen(port: number): Listening {
  const texts = new Map<string, string>();
  const server = createServer(({ url = "" }, response) => {
    const text = texts.get(url);
    response.writeHead(text === undefined ? 404 : 200, {
      "content-type": "application/octet-stream",
      connection: "close",
    });
    response.end(text);
  });
  const listening = async () => {
    server.listen(port);
    await once(server, "listening");
    return server;
  };
  return { texts, server: listening() };
}
