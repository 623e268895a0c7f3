import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import pLimit, { type LimitFunction } from "p-limit";
import { Client, type ClientConfig } from "pg";
import { type Failure, NotLetIn } from "./notLetIn";

export { NotLetIn } from "./notLetIn";

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
  readonly tls: "verify-full" | "require" | "disable";
  readonly tlsCaFile?: string | undefined;
}

/** A connection that is open for one piece of work. */
export interface Session {
  /**
   * Whether the process that answers is the one that the login has named. A pooler (PgBouncer, RDS Proxy) names none of the
   * server's: it checks the password itself, and may give each transaction another connection, that others get afterwards.
   */
  readonly isDirect: boolean;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * What the driver needs of PostgreSQL. Few connections to a server are open at once, whatever a run rotates: its slots
 * are the services'. So no work may wait for a second session while it holds one.
 */
export interface Postgres {
  /** Logs in, does the work, and disconnects. @throws {NotLetIn} */
  as<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Whether the server lets it in; false only when it refuses the password, every other failure throws.
   *
   * @param work  what is done with the session when it does
   * @throws {NotLetIn} when the server says nothing of the password, or takes it and does not let in all the same
   */
  accepts(login: Login, work?: (session: Session) => Promise<unknown>): Promise<boolean>;
}

export const postgres: Postgres = Object.freeze({
  async as<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T> {
    return limitOf(login)(async () => within(await connect(login), work));
  },
  async accepts(login: Login, work: (session: Session) => Promise<unknown> = async () => undefined) {
    return limitOf(login)(async () => {
      const opened = await connect(login).catch((error) => {
        if (error instanceof NotLetIn && error.password === "refused") return undefined;
        throw error;
      });
      if (!opened) return false;
      await within(opened, work);
      return true;
    });
  },
});

const connectionsAtOnce = 4;
const limits = new Map<string, LimitFunction>();

function limitOf({ host, port }: Login): LimitFunction {
  const server = `${host}:${port}`;
  const limit = limits.get(server) ?? pLimit(connectionsAtOnce);
  limits.set(server, limit);
  return limit;
}

/** A session that is open, and the server's, or it throws. */
interface Opened {
  readonly client: Client;
  readonly isDirect: boolean;
}

async function connect(login: Login): Promise<Opened> {
  const client = new Client(clientConfig(login));
  // A server that goes away would otherwise end the whole run; the query under way reports it.
  client.on("error", () => undefined);
  // AuthenticationOk: the server sends it as soon as the password is right, and only then looks whether it lets the role in.
  let isAuthenticated = false;
  connectionOf(client).once("authenticationOk", () => {
    isAuthenticated = true;
  });
  try {
    await client.connect();
  } catch (error) {
    throw new NotLetIn(error as Failure, isAuthenticated);
  }
  try {
    return { client, isDirect: await introduce(client) };
  } catch (error) {
    await client.end();
    if ((error as Failure).routine !== undefined) throw error;
    // A pooler has let in by itself, and its own login at the server fails, or waits.
    throw new NotLetIn(error as Failure, false, true);
  }
}

/**
 * Finds out whether a pooler is in between, and limits the time of a statement where none is. As a parameter of the login
 * poolers refuse the limit, and one that is set through them would be left to whoever gets the connection next.
 *
 * @see https://www.pgbouncer.org/features.html: SQL feature map for pooling modes
 */
async function introduce(client: Client): Promise<boolean> {
  const text = `SELECT CASE pg_backend_pid() WHEN $1::int THEN set_config('statement_timeout', '60s', false) END AS direct`;
  const { processID } = client as unknown as { processID: number | null };
  const query = { text, values: [processID], query_timeout: 10_000 };
  const { rows } = await client.query<{ direct: string | null }>(query);
  return typeof rows[0]?.direct === "string";
}

/** pg's own, beneath a client: it emits each message of the server. Its types do not have it. */
function connectionOf(client: Client): EventEmitter {
  return (client as unknown as { connection: EventEmitter }).connection;
}

async function within<T>({ client, isDirect }: Opened, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await work({
      isDirect,
      query: async (sql, parameters) => (await client.query(sql, parameters?.slice())).rows,
    });
  } finally {
    await client.end();
  }
}

function clientConfig({ host, port, dbname, username, password, tls, tlsCaFile }: Login): ClientConfig {
  return {
    host,
    port,
    database: dbname,
    user: username,
    password,
    application_name: "secret-rotation",
    connectionTimeoutMillis: 10_000,
    // Of a server that is there and says nothing, and of a statement through a pooler.
    query_timeout: 70_000,
    ssl:
      tls === "disable"
        ? false
        : { rejectUnauthorized: tls === "verify-full", ...(tlsCaFile && { ca: readFileSync(tlsCaFile, "utf8") }) },
  };
}
