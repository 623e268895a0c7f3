import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import type { SandboxPaths } from "../paths";
import type { Part } from "../process/parts";
import { reachableByOthers } from "../tools/postgres";
import { findOnPath, run } from "../tools/run";

export interface PostgresServer {
  readonly port: number;
  readonly password: string;
  /** The folder of the cluster's files. */
  readonly data: string;
  /** The server's certificate, when it speaks TLS. */
  readonly certificate: string | undefined;
  readonly owner: { uid: number; gid: number } | undefined;
}

/** The user for a server that refuses to run as root: `postgres` where there is one, else `nobody`; no user is created. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (!user)
    throw new Error("PostgreSQL does not run as root, and there is neither a user `postgres` nor a user `nobody`");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** Where the cluster's files can be; outside of the sandbox's folder only if the server's user cannot get there. */
export async function postgresData(paths: SandboxPaths): Promise<string> {
  if (unprivilegedUser() === undefined || (await reachableByOthers(paths.dir))) return paths.postgres;
  return mkdtempSync("/var/tmp/secret-rotation-postgres-");
}

async function makeCertificate(folder: string, owner: PostgresServer["owner"]): Promise<string | undefined> {
  const openssl = findOnPath("openssl");
  if (!openssl) return undefined;
  const key = join(folder, "server.key");
  const certificate = join(folder, "server.crt");
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "30"];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run(openssl, ["req", ...kind, ...names, "-keyout", key, "-out", certificate]);
  chmodSync(key, 0o600);
  if (owner) chownSync(key, owner.uid, owner.gid);
  return certificate;
}

/** Makes a new cluster whose superuser is `postgres` with this password. */
export async function createCluster(
  binaries: string,
  paths: SandboxPaths,
  data: string,
  port: number,
  password: string,
): Promise<PostgresServer> {
  const owner = unprivilegedUser();
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const passwordFile = join(data, "password");
  const cluster = join(data, "cluster");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  for (const path of owner ? [data, passwordFile] : []) chownSync(path, owner?.uid ?? 0, owner?.gid ?? 0);
  const [certificate] = await Promise.all([
    makeCertificate(data, owner),
    run(
      join(binaries, "bin", "initdb"),
      [
        ...["-D", cluster, "-U", "postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
        ...["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"],
      ],
      { cwd: data, ...owner, env: { PATH: process.env.PATH } },
    ),
  ]);
  rmSync(passwordFile);
  if (!certificate) return { port, password, data, certificate, owner };
  copyFileSync(certificate, paths.postgresCertificate);
  return { port, password, data, certificate: paths.postgresCertificate, owner };
}

/** The database server; its log holds a line for every refused login. */
export function postgresPart(binaries: string, server: PostgresServer): Part {
  const { port, data, certificate, owner } = server;
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    max_connections: "200",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %q%u@%d ",
    ...(certificate && { ssl: "on", ssl_cert_file: join(data, "server.crt"), ssl_key_file: join(data, "server.key") }),
  };
  return {
    name: "postgres",
    command: join(binaries, "bin", "postgres"),
    args: [
      ...["-D", join(data, "cluster"), "-p", String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    cwd: data,
    ...owner,
    endBy: "SIGINT", // ends sessions; SIGTERM would wait for their clients
    async ready() {
      const client = new Client(superuser(server, "postgres"));
      await client.connect();
      await client.end();
      return true;
    },
  };
}

/** How the superuser connects. */
export function superuser({ port, password }: PostgresServer, database: string) {
  return { host: "127.0.0.1", port, user: "postgres", password, database, connectionTimeoutMillis: 3000 };
}
