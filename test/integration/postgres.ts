import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { Client } from "pg";
import type { Postgres } from "../../rotation/ports/postgres";

/** A session of the role in a database secret's value; it may be ended by the server at any time. */
export async function logIn(value = ""): Promise<Client> {
  const { host, port, dbname, username, password } = JSON.parse(value);
  const options = { host, port, database: dbname, user: username, password, application_name: "shop-web" };
  const client = new Client(options).on("error", () => undefined);
  await client.connect();
  return client;
}

export async function logsIn(value?: string): Promise<void> {
  await (await logIn(value)).end();
}

export async function isRefused(value?: string): Promise<void> {
  await assert.rejects(logsIn(value), { code: "28P01" });
}

/** The server has ended the session. */
export async function isEnded(session: Client): Promise<void> {
  await assert.rejects(session.query("SELECT 1"), /terminat|not queryable/);
}

/**
 * Refuses a session that is asked for within another one's work: as few are open at once, all that hold one could wait
 * for each other.
 */
export function flat(postgres: Postgres): Postgres {
  const holding = new AsyncLocalStorage<true>();
  const alone = () => assert.ok(!holding.getStore(), "a session within a session");
  return {
    async as(login, work) {
      alone();
      return postgres.as(login, (session) => holding.run(true, () => work(session)));
    },
    async accepts(login, work) {
      alone();
      return postgres.accepts(login, work && ((session) => holding.run(true, () => work(session))));
    },
  };
}
