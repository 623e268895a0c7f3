import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** The name of the secret that holds the login which may alter the managed database roles. */
export const superuserSecret = "dev/postgres/superuser";

export interface DatabaseLogin {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

/** Puts into AWS what is there before this project is used: the database's superuser secret. */
export async function seedAws(endpoint: string, region: string, login: DatabaseLogin): Promise<void> {
  const credentials = { accessKeyId: "sandbox", secretAccessKey: "sandbox" };
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  const SecretString = JSON.stringify({ engine: "postgres", ...login });
  await client.send(new CreateSecretCommand({ Name: superuserSecret, SecretString }));
  client.destroy();
}
