import { readFileSync } from "node:fs";
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

/** What the driver needs of PostgreSQL. */
export interface Postgres {
  /** Logs in, does the work, and disconnects. */
  as<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Whether the server lets it in; false only when it refuses the credential, every other failure throws.
   *
   * @param work  what is done with the session when it does
   */
  accepts(login: Login, work?: (session: Session) => Promise<unknown>): Promise<boolean>;
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_authorization_specification, invalid_password */
const refusals = new Set(["28000", "28P01"]);

export const postgres: Postgres = Object.freeze({
  async as<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T> {
    return within(await connect(login), work);
  },
  async accepts(login: Login, work: (session: Session) => Promise<unknown> = async () => undefined) {
    const client = await connect(login).catch((error: { code?: string }) => {
      if (refusals.has(error.code ?? "")) return undefined;
      throw error;
    });
    if (!client) return false;
    await within(client, work);
    return true;
  },
});

async function connect(login: Login): Promise<Client> {
  const client = new Client(clientConfig(login));
  // A server that goes away would otherwise end the whole run; the query under way reports it.
  client.on("error", () => undefined);
  await client.connect();
  return client;
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
