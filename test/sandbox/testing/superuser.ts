import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import type { Login as DriverLogin } from "../../../rotation/ports/postgres";
import type { Sandbox } from "../sandbox";

function secretsManager({ env }: Sandbox): SecretsManagerClient {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" };
  return new SecretsManagerClient({ endpoint: env.AWS_ENDPOINT_URL ?? "", region: env.AWS_REGION ?? "", credentials });
}

export type Login = Omit<DriverLogin, "tls" | "tlsCaFile">;

/** The login that the sandbox keeps in AWS for the rotator. */
export async function superuserLogin(sandbox: Sandbox): Promise<Login> {
  const get = new GetSecretValueCommand({ SecretId: "dev/postgres/superuser", VersionStage: "AWSCURRENT" });
  const { SecretString = "" } = await secretsManager(sandbox).send(get);
  return JSON.parse(SecretString) as Login;
}

export async function query<Row = unknown>(login: Login, sql: string): Promise<Row[]> {
  const { host, port, dbname: database, username: user, password } = login;
  const client = new Client({ host, port, database, user, password });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Statements of a sandbox's own superuser. */
export function asSuperuser<Row = unknown>(sql: string, env: NodeJS.ProcessEnv = process.env): Promise<Row[]> {
  const { PGHOST: host = "", PGPORT, PGUSER: username = "", PGPASSWORD: password = "", PGDATABASE: dbname = "" } = env;
  return query({ host, port: Number(PGPORT), dbname, username, password }, sql);
}
