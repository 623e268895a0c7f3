import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  PutResourcePolicyCommand,
  SecretsManagerServiceException,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { asMap, asString, type PropertyMap, reveal, revealMap } from "../provider/propertyValues";
import { PartialError, type ReadCall, type ResourceType, type UpdateCall } from "../provider/provider";
import { type Api, apiOf } from "./api";
import { type AwsConfig, awsError, isGone, retryWhile } from "./client";
import { randomSuffix } from "./naming";
import { offline, readInputs, recorded } from "./schema";
import { describeSecret } from "./secretDescription";
import { secretSchema } from "./secretSchema";

/**
 * aws:secretsmanager/secret:Secret.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/secretsmanager/secret/
 */
export const secretType: ResourceType<AwsConfig> = {
  ...offline(secretSchema),

  async create(call) {
    const api = apiOf(call);
    const inputs = revealMap(call.inputs);
    refuseReplicas(inputs);
    const id = await createSecret(api, inputs);
    try {
      const policy = asString(inputs.policy);
      if (policy) await api.send(new PutResourcePolicyCommand({ SecretId: id, ResourcePolicy: policy }));
      const outputs = await retryWhile(() => describeSecret(api, id, call.inputs), isGone, call.signal);
      return { id, outputs };
    } catch (error) {
      const reason = awsError(`creating Secrets Manager Secret (${id})`, error);
      throw new PartialError(reason.message, id, { ...recorded(secretSchema, call.inputs), arn: id }, [reason.message]);
    }
  },

  async read(call) {
    try {
      return await readSecret(call);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw awsError(`reading Secrets Manager Secret (${call.id})`, error);
    }
  },

  async update(call) {
    try {
      await updateSecret(call);
      return await describeSecret(apiOf(call), call.id, call.inputs);
    } catch (error) {
      throw awsError(`updating Secrets Manager Secret (${call.id})`, error);
    }
  },

  async delete(call) {
    const api = apiOf({ ...call, inputs: call.oldOutputs });
    const window = reveal(call.oldOutputs.recoveryWindowInDays ?? null) ?? 30;
    const how = window === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: Number(window) };
    try {
      await api.send(new DeleteSecretCommand({ SecretId: call.id, ...how }));
      await untilGone(api, call.id);
    } catch (error) {
      if (!isGone(error)) throw awsError(`deleting Secrets Manager Secret (${call.id})`, error);
    }
  },
};

function refuseReplicas({ replicas }: PropertyMap): void {
  if (!Array.isArray(replicas) || replicas.length === 0) return;
  throw new Error("the sandbox's aws provider stand-in does not implement replicas of a Secret: leave `replicas` out");
}

async function createSecret(api: Api, inputs: PropertyMap): Promise<string> {
  const name = asString(inputs.name) ?? `${asString(inputs.namePrefix)}${randomSuffix()}`;
  const command = new CreateSecretCommand({
    ClientRequestToken: randomUUID(),
    Description: asString(inputs.description) ?? "",
    ForceOverwriteReplicaSecret: inputs.forceOverwriteReplicaSecret === true,
    KmsKeyId: asString(inputs.kmsKeyId) || undefined,
    Name: name,
    Type: asString(inputs.type) || undefined,
    Tags: Object.entries(asMap(inputs.tagsAll)).map(([Key, Value]) => ({ Key, Value: String(Value) })),
  });
  // As the real provider: a secret of this name that was deleted without recovery is gone in a moment.
  const deleted = (error: unknown) =>
    error instanceof SecretsManagerServiceException && /was deleted|scheduled for deletion/.test(error.message);
  try {
    const { ARN } = await retryWhile(() => api.send(command), deleted, api.signal);
    if (!ARN) throw new Error("AWS returned no ARN");
    return ARN;
  } catch (error) {
    throw awsError(`creating Secrets Manager Secret (${name})`, error);
  }
}

async function updateSecret({ inputs: marked, oldOutputs, id, ...call }: UpdateCall<AwsConfig>): Promise<void> {
  const api = apiOf({ ...call, inputs: marked });
  const [olds, news] = [revealMap(oldOutputs), revealMap(marked)];
  refuseReplicas(news);
  const changed = (name: string) => (asString(olds[name]) ?? "") !== (asString(news[name]) ?? "");
  if (changed("description") || changed("kmsKeyId")) {
    const texts = { Description: asString(news.description) ?? "", KmsKeyId: asString(news.kmsKeyId) || undefined };
    await api.send(new UpdateSecretCommand({ SecretId: id, ClientRequestToken: randomUUID(), ...texts }));
  }
  if (news.policy !== undefined && changed("policy")) {
    const policy = asString(news.policy);
    if (policy) await api.send(new PutResourcePolicyCommand({ SecretId: id, ResourcePolicy: policy }));
    else await api.send(new DeleteResourcePolicyCommand({ SecretId: id }));
  }
  await updateTags(api, id, asMap(olds.tagsAll), asMap(news.tagsAll));
}

async function updateTags(api: Api, id: string, olds: PropertyMap, news: PropertyMap): Promise<void> {
  const removed = Object.keys(olds).filter((key) => !(key in news));
  const set = Object.entries(news).filter(([key, value]) => olds[key] !== value);
  if (removed.length > 0) await api.send(new UntagResourceCommand({ SecretId: id, TagKeys: removed }));
  if (set.length === 0) return;
  const tags = set.map(([Key, Value]) => ({ Key, Value: String(Value) }));
  await api.send(new TagResourceCommand({ SecretId: id, Tags: tags }));
}

async function readSecret(call: ReadCall<AwsConfig>) {
  const outputs = await describeSecret(apiOf({ ...call, inputs: call.oldOutputs }), call.id, call.oldOutputs);
  return { id: asString(outputs.arn) ?? call.id, outputs, inputs: readInputs(secretSchema, outputs, call.oldInputs) };
}

async function untilGone(api: Api, id: string): Promise<void> {
  const stillThere = new Error(`${id} is still there`);
  const look = async () => {
    await describeSecret(api, id, {});
    throw stillThere;
  };
  await retryWhile(look, (error) => error === stillThere, api.signal);
}
