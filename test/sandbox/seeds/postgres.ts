import { Client } from "pg";
import { type PostgresServer, superuser } from "../parts/postgres";

export const databaseName = "shop";
export const rotatorRole = "rotator";

const schema = (version: number) => `
  -- Group role: owns the data; the alternating login roles are made members of it.
  CREATE ROLE orders NOLOGIN;
  CREATE ROLE reports LOGIN;
  CREATE SCHEMA orders AUTHORIZATION orders;
  CREATE SCHEMA reports AUTHORIZATION reports;

  SET ROLE orders;
  CREATE TABLE orders.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    item text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    ordered_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO orders.orders (customer, item, quantity)
    SELECT 'customer ' || n % 7, (ARRAY['tea', 'coffee', 'honey', 'bread'])[n % 4 + 1], n % 5 + 1
    FROM generate_series(1, 40) AS n;

  SET ROLE reports;
  CREATE TABLE reports.daily (day date PRIMARY KEY, orders integer NOT NULL, revenue_cents bigint NOT NULL);
  INSERT INTO reports.daily
    SELECT date '2026-01-01' + n, 20 + n % 9, 19900 + n * 137 FROM generate_series(0, 29) AS n;
  RESET ROLE;

  REVOKE ALL ON DATABASE ${databaseName} FROM PUBLIC;
  GRANT CONNECT ON DATABASE ${databaseName} TO orders, reports, ${rotatorRole};

  -- Not a superuser: it may create roles, and, from PostgreSQL 16 on, alter or hand out only those it has the admin option
  -- on; before, all that are no superusers. It sees and ends
  -- the sessions of others, and has no access to their data.
  ${version >= 160000 ? `GRANT orders, reports TO ${rotatorRole} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;` : ""}
  GRANT pg_read_all_stats, pg_signal_backend TO ${rotatorRole};
`;

async function query(server: PostgresServer, database: string, sql: string) {
  const client = new Client(superuser(server, database));
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Creates the application's database with its roles and some rows, and the login that rotates their passwords. */
export async function seedPostgres(server: PostgresServer, rotatorPassword: string): Promise<void> {
  const password = rotatorPassword.replaceAll("'", "''");
  await query(server, "postgres", `CREATE DATABASE ${databaseName}`);
  await query(server, "postgres", `CREATE ROLE ${rotatorRole} LOGIN CREATEROLE PASSWORD '${password}'`);
  const [row] = await query(server, "postgres", "SELECT current_setting('server_version_num')::int AS version");
  await query(server, databaseName, schema(row?.version));
}
