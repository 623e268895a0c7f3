import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  paginateListSecrets,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type Needle, needle } from "./needles";

const secretProperties = ["password", "current", "previous"];

/**
 * Every value that any version of any secret has or had, as Secrets Manager still knows it.
 *
 * @param env  that names the endpoint, as `.sandbox/env` does
 */
export async function liveValues(env: Readonly<Record<string, string | undefined>>): Promise<Needle[]> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new SecretsManagerClient({ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials });
  const found: Needle[] = [];
  try {
    for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
      for (const { Name = "" } of SecretList) found.push(...(await valuesOf(client, Name)));
    }
    return found;
  } finally {
    client.destroy();
  }
}

async function valuesOf(client: SecretsManagerClient, SecretId: string): Promise<Needle[]> {
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
  const texts = await Promise.all(
    Versions.map(async ({ VersionId }) => {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId, VersionId }));
      return secretsIn(SecretString)
        .filter(isUnlikely)
        .map((value) => needle(`${SecretId} ${VersionId}`, value));
    }),
  );
  return texts.flat();
}

/** What a test has put by hand may be a word that is in any text; what is generated has 32 characters or more. */
function isUnlikely(text: string): boolean {
  return text.length >= 16;
}

/** A database's name or port is no secret. */
function secretsIn(text: string): string[] {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    return secretProperties.map((name) => json[name]).filter((value): value is string => typeof value === "string");
  } catch {
    return [text];
  }
}
