import { randomUUID } from "node:crypto";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { SecretResult } from "../../rotation/result";
import { createProject, only, type Project, region } from "../integration/project";
import { workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

/** A stack of database secrets whose roles a person has made before it came. */
export interface DatabaseEstate {
  readonly project: Project;
  /** Full name. */
  arn(name: string): Promise<string>;
  /** Puts what a person has as the current value. */
  put(name: string, username: string, password: string, more?: object): Promise<void>;
  value(name: string, stage?: string): Promise<string>;
  /** The current value of any secret. @param fullName  or its ARN */
  read(fullName: string): Promise<string>;
  live(name: string): Promise<unknown>;
  rotate(name: string, options?: Parameters<Project["rotate"]>[1]): Promise<SecretResult>;
  comment(role: string): Promise<string | null>;
}

/** A server of PostgreSQL, as the tests of this process see it until `restore`: by PGPORT, PGPASSWORD, and its secret's name. */
export function useServer({ port, password }: { port: number; password: string }, secret: string): () => void {
  const { PGPORT, PGPASSWORD } = process.env;
  Object.assign(process.env, { PGPORT: String(port), PGPASSWORD: password });
  superuserSecret = secret;
  return () => {
    Object.assign(process.env, { PGPORT, PGPASSWORD });
    superuserSecret = ofSandbox;
  };
}

const ofSandbox = "dev/postgres/superuser";
let superuserSecret = ofSandbox;

/** Makes roles that the sandbox's rotator may alter, and that may connect. */
export async function makeRoles(...roles: readonly [name: string, options: string][]): Promise<void> {
  const [server] = await asSuperuser<{ asks: boolean }>(
    "SELECT current_setting('server_version_num')::int >= 160000 AS asks",
  );
  // Before PostgreSQL 16 CREATEROLE is enough.
  const admin = (name: string) =>
    server?.asks ? `GRANT "${name}" TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;` : "";
  const statements = roles.map(
    ([name, options]) => `CREATE ROLE "${name}" ${options}; ${admin(name)} GRANT CONNECT ON DATABASE shop TO "${name}"`,
  );
  await asSuperuser(statements.join(";"));
}

export function databaseSecret(name: string, stack: string, roles: readonly string[], database: object = {}) {
  return {
    name,
    kind: "database",
    strategy: roles.length === 2 ? "alternating-users" : "single-user",
    externalSecret: {
      target: name.toLowerCase(),
      keys: [{ key: "password", property: "password" }],
      namespaces: [stack],
    },
    database: {
      ...{ dbname: "shop", superuserSecret, tls: "disable", roles },
      ...(roles.length === 2 && { gracePeriod: "0s", drainTimeout: "1s" }),
      ...database,
    },
  };
}

export async function databaseEstate(stack: string): Promise<DatabaseEstate> {
  const project = await createProject(stack);
  await workloads().createNamespace(stack);
  const manager = realPorts({ region }).secretsManager;
  const live = async (name: string) => {
    const found = await manager.describe(`${stack}/${name}`);
    if (!found) throw new Error(`there is no ${stack}/${name}`);
    return found;
  };
  return {
    project,
    live,
    async read(fullName) {
      const found = await manager.describe(fullName);
      return (await manager.value(fullName, (found && versionWith("AWSCURRENT", found)) ?? "")) ?? "";
    },
    arn: async (name) => (await live(name)).arn,
    async put(name, username, password, more = {}) {
      const at = { engine: "postgres", host: "127.0.0.1", port: Number(process.env.PGPORT), dbname: "shop" };
      const SecretString = JSON.stringify({ ...at, username, password, ...more });
      const ClientRequestToken = randomUUID();
      const put = new PutSecretValueCommand({ SecretId: `${stack}/${name}`, SecretString, ClientRequestToken });
      await new SecretsManagerClient({ region }).send(put);
    },
    async value(name, stage = "AWSCURRENT") {
      const id = versionWith(stage, await live(name)) ?? "";
      return (await manager.value(`${stack}/${name}`, id)) ?? "";
    },
    rotate: async (name, options) => only(await project.rotate([name], options)),
    async comment(role) {
      const sql = `SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = '${role}'`;
      return (await asSuperuser<{ comment: string | null }>(sql))[0]?.comment ?? null;
    },
  };
}
