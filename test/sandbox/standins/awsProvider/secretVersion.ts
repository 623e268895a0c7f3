import { GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import {
  asString,
  asStrings,
  type PropertyMap,
  reveal,
  revealMap,
  secret,
  withoutNothing,
} from "../provider/propertyValues";
import { type CheckFailure, PartialError, type ReadCall, type ResourceType } from "../provider/provider";
import { type Api, apiOf } from "./api";
import { type AwsConfig, awsError, isGone, retryWhile } from "./client";
import type { Schema } from "./propertySchema";
import { offline, readInputs, recorded } from "./schema";
import { addStages, removeStages } from "./stages";
import { uniqueId } from "./uniqueId";

/**
 * aws:secretsmanager/secretVersion:SecretVersion.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/secretsmanager/secretversion/
 */
const schema: Schema = {
  inputs: {
    region: { forceNew: true, computed: true },
    secretId: { required: true, forceNew: true },
    secretString: { forceNew: true },
    secretBinary: { forceNew: true },
    secretStringWo: { writeOnly: true },
    secretStringWoVersion: { forceNew: true },
    versionStages: { computed: true, set: true },
  },
  outputs: ["arn", "hasSecretStringWo", "versionId"],
  validate(inputs) {
    const has = (name: string) => inputs[name] !== undefined;
    return [...conflicts(has), ...companions(has)];
  },
};

const values = ["secretString", "secretBinary", "secretStringWo"] as const;

function conflicts(has: (name: string) => boolean): CheckFailure[] {
  return values
    .filter(has)
    .flatMap((property) =>
      values
        .filter((other) => other !== property && has(other))
        .map((other) => ({ property, reason: `Conflicting configuration arguments. Conflicts with ${other}` })),
    );
}

function companions(has: (name: string) => boolean): CheckFailure[] {
  const pair = ["secretStringWo", "secretStringWoVersion"] as const;
  if (pair.every(has) || !pair.some(has)) return [];
  const [property, other] = has(pair[0]) ? pair : [pair[1], pair[0]];
  return [{ property, reason: `Missing required argument. "${property}" also needs "${other}"` }];
}

export const secretVersionType: ResourceType<AwsConfig> = {
  ...offline(schema),

  async create(call) {
    const api = apiOf(call);
    const inputs = revealMap(call.inputs);
    const secretId = asString(inputs.secretId) ?? "";
    const versionId = await putValue(api, secretId, inputs);
    const id = `${secretId}|${versionId}`;
    const hasSecretStringWo = inputs.secretStringWo !== undefined;
    try {
      const read = () => describe(api, id, call.inputs, hasSecretStringWo);
      return { id, outputs: await retryWhile(read, isGone, call.signal) };
    } catch (error) {
      const reason = awsError(`waiting for Secrets Manager Secret Version (${id}) create`, error);
      const outputs = { ...recorded(schema, call.inputs), versionId, hasSecretStringWo };
      throw new PartialError(reason.message, id, outputs, [reason.message]);
    }
  },

  async read(call) {
    try {
      return await readVersion(call);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw awsError(`reading Secrets Manager Secret Version (${call.id})`, error);
    }
  },

  async update(call) {
    const api = apiOf(call);
    const [secretId, versionId] = parseId(call.id);
    const olds = asStrings(reveal(call.oldOutputs.versionStages ?? null));
    const news = asStrings(reveal(call.inputs.versionStages ?? null));
    if (call.inputs.versionStages !== undefined) {
      const added = news.filter((stage) => !olds.includes(stage));
      await addStages(api, secretId, versionId, added);
      // With AWSCURRENT came AWSPREVIOUS to the version that had it: there is nothing left to take from this one.
      const moved = added.includes("AWSCURRENT") ? ["AWSPREVIOUS"] : [];
      const removed = olds.filter((stage) => !news.includes(stage) && !moved.includes(stage));
      await removeStages(api, secretId, versionId, removed);
    }
    const hasWriteOnly = call.inputs.secretStringWo !== undefined || call.oldOutputs.hasSecretStringWo === true;
    return describe(api, call.id, call.inputs, hasWriteOnly);
  },

  async delete(call) {
    const api = apiOf({ ...call, inputs: call.oldOutputs });
    const [secretId, versionId] = parseId(call.id);
    try {
      await removeStages(api, secretId, versionId, asStrings(reveal(call.oldOutputs.versionStages ?? null)));
      await untilWithoutStages(api, secretId, versionId);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  },
};

/** Writes the value, and returns the id of the new version. */
async function putValue(api: Api, secretId: string, inputs: PropertyMap): Promise<string> {
  const binary = asString(inputs.secretBinary);
  const text = asString(inputs.secretStringWo) || asString(inputs.secretString) || undefined;
  const stages = asStrings(inputs.versionStages);
  const command = new PutSecretValueCommand({
    ClientRequestToken: uniqueId(new Date()),
    SecretId: secretId,
    ...(binary ? { SecretBinary: Buffer.from(binary, "base64") } : { SecretString: text }),
    ...(stages.length > 0 ? { VersionStages: stages } : {}),
  });
  try {
    const { VersionId } = await api.send(command);
    if (!VersionId) throw new Error("AWS returned no version id");
    return VersionId;
  } catch (error) {
    throw awsError(`putting Secrets Manager Secret (${secretId}) value`, withoutValue(error, [binary, text]));
  }
}

/** An error that is proven not to repeat the value. */
function withoutValue(error: unknown, given: readonly (string | undefined)[]): unknown {
  const repeated = error instanceof Error && given.some((value) => value && error.message.includes(value));
  return repeated
    ? Object.assign(new Error("the message repeats the value and is left out"), { name: error.name })
    : error;
}

/**
 * The outputs as AWS tells them.
 * @throws ResourceNotFoundException if there is no such version
 */
async function describe(api: Api, id: string, known: PropertyMap, hasWriteOnly: boolean): Promise<PropertyMap> {
  const [SecretId, VersionId] = parseId(id);
  const version = await api.send(new GetSecretValueCommand({ SecretId, VersionId }));
  const text = hasWriteOnly ? undefined : version.SecretString;
  const binary = version.SecretBinary && Buffer.from(version.SecretBinary).toString("base64");
  return withoutNothing({
    arn: version.ARN,
    hasSecretStringWo: hasWriteOnly ? true : undefined,
    region: api.region,
    secretBinary: binary ? secret(binary) : undefined,
    secretId: SecretId,
    secretString: text ? secret(text) : undefined,
    secretStringWoVersion: known.secretStringWoVersion,
    versionId: version.VersionId,
    versionStages: version.VersionStages ?? [],
  });
}

async function readVersion(call: ReadCall<AwsConfig>) {
  const api = apiOf({ ...call, inputs: call.oldOutputs });
  const outputs = await describe(api, call.id, call.oldOutputs, call.oldOutputs.hasSecretStringWo === true);
  return { id: call.id, outputs, inputs: readInputs(schema, outputs, call.oldInputs) };
}

async function untilWithoutStages(api: Api, SecretId: string, VersionId: string): Promise<void> {
  const stillThere = new Error(`version ${VersionId} of ${SecretId} still has staging labels`);
  const look = async () => {
    const { VersionStages = [] } = await api.send(new GetSecretValueCommand({ SecretId, VersionId }));
    const [stage, ...more] = VersionStages;
    const last = more.length === 0 && (stage === undefined || stage === "AWSCURRENT" || stage === "AWSPREVIOUS");
    if (!last) throw stillThere;
  };
  await retryWhile(look, (error) => error === stillThere, api.signal);
}

function parseId(id: string): [secretId: string, versionId: string] {
  const [secretId, ...version] = id.split("|");
  const versionId = version.join("|");
  if (!secretId || !versionId) throw new Error(`unexpected format of ID (${id}), expected SecretID|VersionID`);
  return [secretId, versionId];
}
