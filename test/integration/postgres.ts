import assert from "node:assert/strict";
import { Client } from "pg";

/** Statements of the sandbox's superuser. */
export async function asSuperuser(sql: string): Promise<void> {
  const client = new Client();
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A session of the role in a database secret's value; it may be ended by the server at any time. */
export async function logIn(value: string): Promise<Client> {
  const { host, port, dbname, username, password } = JSON.parse(value);
  const options = { host, port, database: dbname, user: username, password, application_name: "shop-web" };
  const client = new Client(options).on("error", () => undefined);
  await client.connect();
  return client;
}

export async function logsIn(value: string): Promise<void> {
  await (await logIn(value)).end();
}

export async function isRefused(value: string): Promise<void> {
  await assert.rejects(logsIn(value), { code: "28P01" });
}

/** The server has ended the session. */
export async function isEnded(session: Client): Promise<void> {
  await assert.rejects(session.query("SELECT 1"), /terminat|not queryable/);
}
