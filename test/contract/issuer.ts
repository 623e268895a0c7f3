import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A small service that makes keys, and one that has a password. It outlives the processes that rotate. */
export interface Issuer {
  readonly url: string;
  /** Whoever has it may make and revoke keys. */
  readonly adminKey: string;
  /** Ids of the keys that are accepted. */
  live(): readonly string[];
  /** Every key and password that it ever had. */
  made(): readonly string[];
  end(): Promise<void>;
}

interface Key {
  readonly key: string;
  readonly label: string;
}

const token = () => randomBytes(24).toString("base64url");

export async function startIssuer(): Promise<Issuer> {
  const adminKey = token();
  const keys = new Map<string, Key>();
  const passwords: string[] = [];
  const made: string[] = [];
  const isLive = (key: string) => [...keys.values()].some((one) => one.key === key);
  const routes: Readonly<
    Record<string, (label: string, id: string, body: Record<string, string>) => [number, unknown?]>
  > = {
    "POST /keys": (label, _id, { id = `key_${token().slice(0, 10)}`, key = token() }) => {
      if (keys.has(id)) return [409];
      keys.set(id, { key, label });
      made.push(key);
      return [201, { id, key }];
    },
    "GET /keys": (label) => [200, [...keys].flatMap(([id, one]) => (one.label === label ? [{ id }] : []))],
    "DELETE /keys": (_label, id) => [keys.delete(id) ? 204 : 404],
    "PUT /password": (_label, _id, { password = "", once }) => {
      if (once && passwords.includes(password)) return [409];
      passwords.push(password);
      made.push(password);
      return [204];
    },
  };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.writeHead(500).end());
  });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://issuer");
    const given = (request.headers.authorization ?? "").replace("Bearer ", "");
    let text = "";
    for await (const part of request) text += part;
    if (pathname === "/me") {
      const isKnown = isLive(given) || (given !== "" && given === passwords.at(-1));
      return void response.writeHead(isKnown ? 200 : 401).end();
    }
    if (given !== adminKey) return void response.writeHead(403).end();
    const [, collection = "", id = ""] = pathname.split("/");
    const route = routes[`${request.method} /${collection}`];
    const [status, body] = route?.(searchParams.get("label") ?? "", id, text ? JSON.parse(text) : {}) ?? [404];
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    adminKey,
    live: () => [...keys.keys()],
    made: () => made,
    end: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
