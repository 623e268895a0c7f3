import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type ActiveFault, FaultRules } from "./faultRules";

/** What the server says when it refuses: an SQLSTATE and its text. */
export interface PostgresRefusal {
  readonly code: string;
  readonly message: string;
}

/**
 * What happens to what a client sends when a fault meets it:
 * a refusal: the client gets it in place of the server's answer, and is disconnected;
 * `cut`: the connection is cut, the server never sees it;
 * `loseAnswer`: the server does it, and the connection is cut in place of the answer.
 */
export type PostgresFault = PostgresRefusal | "cut" | "loseAnswer";

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const refusals = Object.freeze({
  tooMany: { code: "53300", message: "sorry, too many clients already" },
  starting: { code: "57P03", message: "the database system is starting up" },
});

interface Sent {
  /** The role that has logged in, or wants to. */
  readonly user: string;
  /** What is sent, as it stands in the protocol; of a client that connects `CONNECT`. */
  readonly sql: string;
}

/** Which messages; what is left out matches every one. */
export interface PostgresMatch {
  readonly user?: string;
  readonly sql?: RegExp;
  readonly times?: number;
}

export const connecting = /^CONNECT$/;

/** A server in front of PostgreSQL, for clients without TLS. Everything passes through it but what meets a fault. */
export class PostgresProxy {
  readonly #rules = new FaultRules<Sent, PostgresFault>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));
  #port = 0;

  private constructor(readonly target: number) {}

  /** @param target  port of the server on 127.0.0.1 */
  static async start(target: number): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(target);
    await proxy.up();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  fault({ user, sql, times = Number.POSITIVE_INFINITY }: PostgresMatch, fault: PostgresFault): ActiveFault {
    return this.#rules.add((sent) => (user ?? sent.user) === sent.user && (sql?.test(sent.sql) ?? true), fault, times);
  }

  /** Ends every fault, and the server is up. */
  async heal(): Promise<void> {
    this.#rules.endAll();
    if (!this.#server.listening) await this.up();
  }

  /** Connections are refused, and those that are open are cut. */
  down(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async up(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #serve(client: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    let user: string | undefined;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    let answer = (chunk: Buffer): unknown => client.write(chunk);
    server.on("data", (chunk) => answer(chunk));
    client.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      const sql = user === undefined ? "CONNECT" : text;
      user ??= /user\0([^\0]*)\0/.exec(text)?.[1] ?? "";
      const met = this.#rules.meet({ user, sql });
      met?.reached();
      if (met === undefined) server.write(chunk);
      else if (met.fault === "cut") end();
      else if (met.fault === "loseAnswer") {
        answer = end;
        server.write(chunk);
      } else client.end(refusalMessage(met.fault));
    });
  }
}

/** @see https://www.postgresql.org/docs/current/protocol-message-formats.html ErrorResponse */
function refusalMessage({ code, message }: PostgresRefusal): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${code}`, `M${message}`].map((field) => `${field}\0`).join("");
  const body = Buffer.from(`${fields}\0`);
  const head = Buffer.alloc(5, "E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
