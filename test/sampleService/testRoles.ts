import { Client } from "pg";
import type { Sandbox } from "../sandbox/sandbox";

/** Roles in the sandbox's database that stand for those of orders-db and reports-db, with a password each. */
export interface TestRoles {
  readonly orders: { readonly a: string; readonly b: string };
  readonly reports: string;
  /** The keys of a database secret. */
  secret(role: string, password: string): Record<"host" | "port" | "dbname" | "username" | "password", string>;
  setPassword(role: string, password: string): Promise<void>;
  /** The process ids of the role's sessions. */
  sessions(role: string): Promise<number[]>;
  drop(): Promise<void>;
}

/** @param prefix of the roles' names: several tests share one sandbox */
export async function createTestRoles({ env }: Sandbox, prefix: string): Promise<TestRoles> {
  const { PGHOST: host = "", PGPORT: port = "", PGDATABASE: dbname = "" } = env;
  const superuser = new Client({
    host,
    port: Number(port),
    database: dbname,
    user: env.PGUSER ?? "",
    password: env.PGPASSWORD ?? "",
  });
  await superuser.connect();
  const orders = { a: `${prefix}_orders_a`, b: `${prefix}_orders_b` };
  const reports = `${prefix}_reports`;
  for (const role of [orders.a, orders.b]) await superuser.query(`CREATE ROLE ${role} LOGIN IN ROLE orders`);
  await superuser.query(`CREATE ROLE ${reports} LOGIN IN ROLE reports`);
  return {
    orders,
    reports,
    secret: (username, password) => ({ host, port, dbname, username, password }),
    async setPassword(role, password) {
      await superuser.query(`ALTER ROLE ${role} PASSWORD ${superuser.escapeLiteral(password)}`);
    },
    async sessions(role) {
      const sql = "SELECT pid FROM pg_stat_activity WHERE usename = $1";
      return (await superuser.query<{ pid: number }>(sql, [role])).rows.map(({ pid }) => pid);
    },
    async drop() {
      await superuser.query(`DROP ROLE ${orders.a}, ${orders.b}, ${reports}`);
      await superuser.end();
    },
  };
}
