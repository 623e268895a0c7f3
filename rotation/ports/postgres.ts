import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import pLimit, { type LimitFunction } from "p-limit";
import { Client, type ClientConfig } from "pg";
import type { DatabaseDeclaration } from "../../infra/config/secretSchema";

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
  readonly tls: DatabaseDeclaration["tls"];
  readonly tlsCaFile?: string | undefined;
}

/** A connection that is open for one piece of work. */
export interface Session {
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

/** Why there is no session. The text and the code are the server's, or the network's. */
export class NotLetIn extends Error {
  /** SQLSTATE, or Node's code of a system error. */
  readonly code: string | undefined;
  /**
   * What is known of the password. A server checks it before it looks at the role's LOGIN and CONNECTION LIMIT, and at the
   * database: what it says afterwards is no word on the credential. What it says before (too many clients, starting up,
   * pg_hba.conf) is neither.
   *
   * @see https://github.com/postgres/postgres/blob/master/src/backend/utils/init/postinit.c: InitPostgres
   */
  readonly password: "refused" | "accepted" | "not asked";

  constructor(cause: Failure, isAuthenticated: boolean) {
    super(cause.message, { cause });
    this.code = cause.code;
    this.password = isAuthenticated ? "accepted" : isRefusal(cause) ? "refused" : "not asked";
  }
}

interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly routine?: string;
}

/**
 * Of an error before the server has said that the password is right: invalid_password, or
 * invalid_authorization_specification. The latter also says that pg_hba.conf lets nobody in from here, whatever the
 * password: that is no proof of anything about the credential.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 * @see https://github.com/postgres/postgres/blob/master/src/backend/libpq/auth.c: ClientAuthentication
 */
function isRefusal({ code, routine }: Failure): boolean {
  return code === "28P01" || (code === "28000" && routine !== "ClientAuthentication");
}

export const postgres: Postgres = Object.freeze({
  async as<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T> {
    return limitOf(login)(async () => within(await connect(login), work));
  },
  async accepts(login: Login, work: (session: Session) => Promise<unknown> = async () => undefined) {
    return limitOf(login)(async () => {
      const client = await connect(login).catch((error) => {
        if (error instanceof NotLetIn && error.password === "refused") return undefined;
        throw error;
      });
      if (!client) return false;
      await within(client, work);
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

async function connect(login: Login): Promise<Client> {
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
  return client;
}

/** pg's own, beneath a client: it emits each message of the server. Its types do not have it. */
function connectionOf(client: Client): EventEmitter {
  return (client as unknown as { connection: EventEmitter }).connection;
}

async function within<T>(client: Client, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await work({ query: async (sql, parameters) => (await client.query(sql, parameters?.slice())).rows });
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
    statement_timeout: 60_000,
    // Of a server that is there and says nothing.
    query_timeout: 70_000,
    ssl:
      tls === "disable"
        ? false
        : { rejectUnauthorized: tls === "verify-full", ...(tlsCaFile && { ca: readFileSync(tlsCaFile, "utf8") }) },
  };
}
