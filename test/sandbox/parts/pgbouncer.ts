import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import type { Part } from "../process/parts";
import type { PostgresServer } from "./postgres";

export interface PgbouncerSettings {
  /** How it learns passwords: it asks the server at each login, or has a list of its own, user by user. */
  readonly passwords: "auth_query" | Readonly<Record<string, string>>;
  readonly poolMode: "session" | "transaction" | "statement";
}

/** A role of the server, and a function that tells it every verifier. */
export const pgbouncerSchema = (password: string) => `
  CREATE ROLE pgbouncer LOGIN PASSWORD '${password}';
  CREATE FUNCTION public.pgbouncer_lookup(name) RETURNS TABLE (usename name, passwd text) LANGUAGE sql SECURITY DEFINER
    AS 'SELECT usename, passwd FROM pg_shadow WHERE usename = $1';
  REVOKE ALL ON FUNCTION public.pgbouncer_lookup FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION public.pgbouncer_lookup TO pgbouncer;
  GRANT CONNECT ON DATABASE shop TO pgbouncer`;

/**
 * PgBouncer in front of a server.
 * @param password  of its own role, where it asks the server
 */
export function pgbouncerPart(
  binaries: string,
  { folder, port, password }: { folder: string; port: number; password: string },
  server: Pick<PostgresServer, "port" | "owner">,
  { passwords, poolMode }: PgbouncerSettings,
): Part {
  const users = passwords === "auth_query" ? { pgbouncer: password } : passwords;
  const asks = passwords === "auth_query";
  const settings = {
    ...{ listen_addr: "127.0.0.1", listen_port: port, unix_socket_dir: "", pool_mode: poolMode },
    ...{ auth_type: "scram-sha-256", auth_file: join(folder, "users") },
    ...(asks && { auth_query: "SELECT usename, passwd FROM public.pgbouncer_lookup($1)" }),
    // Its connections to the server live for as long as a service uses them, and a moment.
    ...{ server_idle_timeout: 1, server_login_retry: 1 },
  };
  const file = [
    "[databases]",
    `* = host=127.0.0.1 port=${server.port}${asks ? " auth_user=pgbouncer" : ""}`,
    "[pgbouncer]",
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "pgbouncer.ini"), `${file.join("\n")}\n`);
  writeFileSync(join(folder, "users"), list(users), { mode: 0o600 });
  chmodSync(folder, 0o700);
  const { owner } = server;
  for (const path of owner ? [folder, join(folder, "users")] : []) chownSync(path, owner?.uid ?? 0, owner?.gid ?? 0);
  return {
    name: `pgbouncer-${port}`,
    command: join(binaries, "bin", "pgbouncer"),
    args: [join(folder, "pgbouncer.ini")],
    env: { LD_LIBRARY_PATH: join(binaries, "lib") },
    cwd: folder,
    ...owner,
    endBy: "SIGTERM",
    ready: () => serves(port),
  };
}

function list(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([user, password]) => `"${user}" "${password}"\n`)
    .join("");
}

/** It answers, be it by a refusal. */
async function serves(port: number): Promise<boolean> {
  const client = new Client({ host: "127.0.0.1", port, user: "nobody", password: "none", database: "shop" });
  client.on("error", () => undefined);
  const error: { severity?: string } = await client.connect().then(
    () => ({}),
    (cause) => cause,
  );
  await client.end().catch(() => undefined);
  return error.severity !== undefined;
}
