import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  InvalidParameterException,
  paginateListSecrets,
  ResourceNotFoundException,
  SecretsManagerClient,
  type Tag,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type AwsSettings, awsClient, limited, plainErrors, turnToWrite } from "./awsClient";
import { type AwsRotation, type ListedSecret, type SecretsManager, versionWith } from "./secretsManager";

export function secretsManager(settings: AwsSettings): SecretsManager {
  const client = limited(plainErrors(new SecretsManagerClient(awsClient(settings, "secretsmanager"))));
  const read = async (secret: string, versionId: string) => {
    try {
      return await client.send(new GetSecretValueCommand({ SecretId: secret, VersionId: versionId }));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    async describe(secret) {
      try {
        const found = await client.send(new DescribeSecretCommand({ SecretId: secret }));
        return {
          arn: found.ARN ?? secret,
          createdAt: found.CreatedDate,
          kmsKeyId: found.KmsKeyId,
          deletedAt: found.DeletedDate,
          tags: tagsOf(found.Tags),
          stages: found.VersionIdsToStages ?? {},
          changedAt: found.LastChangedDate,
          rotation: rotationIn(found),
        };
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async list(prefix) {
      const found: ListedSecret[] = [];
      const Filters = [{ Key: "name" as const, Values: [prefix] }];
      for await (const page of paginateListSecrets({ client, pageSize: 100 }, { Filters })) {
        for (const { Name = "", CreatedDate, Tags } of page.SecretList ?? []) {
          // The filter is a word's beginning, without its case: dev/ also finds Dev/ and x dev/.
          if (Name.startsWith(prefix)) found.push({ name: Name, createdAt: CreatedDate, tags: tagsOf(Tags) });
        }
      }
      return found;
    },
    value: async (secret, versionId) => (await read(secret, versionId))?.SecretString,
    createdAt: async (secret, versionId) => (await read(secret, versionId))?.CreatedDate,
    async moveCurrent(secret, { from, to }) {
      const move = { SecretId: secret, VersionStage: "AWSCURRENT", MoveToVersionId: to };
      await turnToWrite();
      try {
        await client.send(
          new UpdateSecretVersionStageCommand({ ...move, ...(from !== undefined && { RemoveFromVersionId: from }) }),
        );
      } catch (error) {
        // The SDK repeats a request whose answer was lost; then the label is there already.
        if (!(error instanceof InvalidParameterException) || !(await holdsCurrent(client, secret, to))) throw error;
      }
    },
    async cancelRotation(secret) {
      await client.send(new CancelRotateSecretCommand({ SecretId: secret }));
    },
    turnToWrite,
    async tag(secret, tags) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new TagResourceCommand({ SecretId: secret, Tags }));
    },
  };
}

function rotationIn(found: DescribeSecretCommandOutput): AwsRotation | undefined {
  const { RotationEnabled, RotationLambdaARN, LastRotatedDate, NextRotationDate } = found;
  if (RotationEnabled === undefined) return undefined;
  return {
    enabled: RotationEnabled,
    lambdaArn: RotationLambdaARN || undefined,
    lastRotatedAt: LastRotatedDate,
    nextRotationAt: RotationEnabled ? NextRotationDate : undefined,
  };
}

async function holdsCurrent(client: SecretsManagerClient, SecretId: string, versionId: string): Promise<boolean> {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  return versionWith("AWSCURRENT", { stages: VersionIdsToStages }) === versionId;
}

function tagsOf(tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}
