import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { fullName } from "../../../infra/names";
import type { Stand } from "../../demo/stand";
import { type Needle, needle } from "./needles";

const secretProperties = ["password", "current", "previous"];

/** Every value that any version of the stack's secrets has or had, as Secrets Manager still knows it. */
export async function liveValues({ secrets, stack, sandbox }: Stand): Promise<Needle[]> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = sandbox.env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = new SecretsManagerClient({ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials });
  try {
    const found = await Promise.all(secrets.map(({ name }) => valuesOf(client, fullName(stack, name))));
    return found.flat();
  } finally {
    client.destroy();
  }
}

async function valuesOf(client: SecretsManagerClient, SecretId: string): Promise<Needle[]> {
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }));
  const texts = await Promise.all(
    Versions.map(async ({ VersionId }) => {
      const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId, VersionId }));
      return secretsIn(SecretString).map((value) => needle(`${SecretId} ${VersionId?.split("-")[0]}`, value));
    }),
  );
  return texts.flat();
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
