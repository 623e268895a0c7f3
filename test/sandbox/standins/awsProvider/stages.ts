import {
  InvalidParameterException,
  ListSecretVersionIdsCommand,
  type ListSecretVersionIdsResponse,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { Api } from "./api";
import { awsError } from "./client";

/** Attaches staging labels to a version; AWSCURRENT is taken from the version that has it. */
export async function addStages(
  api: Api,
  secretId: string,
  versionId: string,
  stages: readonly string[],
): Promise<void> {
  for (const stage of stages) {
    try {
      const holder = await holderOf(api, secretId, stage);
      // AWS refuses to move any other label unless told where from, and the real provider does not tell.
      if (holder !== undefined && stage !== "AWSCURRENT") throw attached(stage, holder);
      const from = holder === undefined ? {} : { RemoveFromVersionId: holder };
      await move(api, { SecretId: secretId, VersionStage: stage, MoveToVersionId: versionId, ...from });
    } catch (error) {
      throw awsError(`adding Secrets Manager Secret Version (${secretId}|${versionId}) stage (${stage})`, error);
    }
  }
}

/** Takes staging labels from a version, all but AWSCURRENT, which AWS lets nobody take without giving it to another. */
export async function removeStages(
  api: Api,
  secretId: string,
  versionId: string,
  stages: readonly string[],
): Promise<void> {
  for (const stage of stages.filter((name) => name !== "AWSCURRENT")) {
    await move(api, { SecretId: secretId, VersionStage: stage, RemoveFromVersionId: versionId });
  }
}

async function move(api: Api, input: ConstructorParameters<typeof UpdateSecretVersionStageCommand>[0]): Promise<void> {
  await api.send(new UpdateSecretVersionStageCommand(input));
}

async function holderOf(api: Api, SecretId: string, stage: string): Promise<string | undefined> {
  let NextToken: string | undefined;
  do {
    const page: ListSecretVersionIdsResponse = await api.send(
      new ListSecretVersionIdsCommand({ SecretId, ...(NextToken === undefined ? {} : { NextToken }) }),
    );
    const holder = page.Versions?.find(({ VersionStages }) => VersionStages?.includes(stage));
    if (holder?.VersionId) return holder.VersionId;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

function attached(stage: string, holder: string): Error {
  const message = `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`;
  return new InvalidParameterException({ message, $metadata: {} });
}
