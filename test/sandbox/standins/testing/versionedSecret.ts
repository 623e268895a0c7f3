import { ListSecretVersionIdsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Sandbox } from "../../sandbox";

export function secretsManager({ env }: Sandbox): SecretsManagerClient {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" };
  return new SecretsManagerClient({ endpoint: env.AWS_ENDPOINT_URL ?? "", region: "eu-west-1", credentials });
}

/** The labels of every version of a secret that has some. */
export async function stages(client: SecretsManagerClient, SecretId: string): Promise<Record<string, string[]>> {
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
  return Object.fromEntries(Versions.map(({ VersionId = "", VersionStages = [] }) => [VersionId, VersionStages]));
}

interface Version {
  readonly value: string;
  readonly version: number;
  readonly options?: pulumi.CustomResourceOptions;
  readonly versionStages?: string[];
}

/** A program of one secret, `secret`, with one version, `version`. */
export function versioned(
  name: string,
  { value, version, options = {}, versionStages }: Version,
  args: aws.secretsmanager.SecretArgs = {},
) {
  return async () => {
    const secret = new aws.secretsmanager.Secret("secret", { name, ...args });
    const stage = versionStages ? { versionStages } : {};
    const inputs = { secretId: secret.id, secretStringWo: value, secretStringWoVersion: version, ...stage };
    const { versionId } = new aws.secretsmanager.SecretVersion("version", inputs, options);
    return { arn: secret.arn, versionId };
  };
}
