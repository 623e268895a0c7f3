import { randomUUID } from "node:crypto";
import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretResponse,
  type ExternalSecretRotationMetadataItem,
  RotateSecretCommand,
  type RotationRulesType,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { asMap, asString, type PropertyMap } from "../provider/propertyValues";
import type { Api } from "./api";
import { fromApi, toApi } from "./apiNames";
import { managed, text } from "./managed";

/**
 * aws:secretsmanager/secretRotation:SecretRotation.
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/secretsmanager/secret_rotation.go
 */
export const secretRotationType = managed({
  what: "Secrets Manager Secret Rotation",
  schema: {
    inputs: {
      externalSecretRotationMetadatas: {},
      externalSecretRotationRoleArn: {},
      region: { forceNew: true, computed: true },
      rotateImmediately: { default: true },
      rotationEnabled: { computed: true },
      rotationLambdaArn: {},
      rotationRules: { required: true },
      secretId: { required: true, forceNew: true },
    },
    outputs: [],
  },
  known: (id) => ({ secretId: id }),
  async create(api, inputs) {
    await setRotation(api, inputs);
    return text(inputs, "secretId");
  },
  update: (api, _, inputs) => setRotation(api, inputs),
  async describe(api, id, known) {
    const found = await api.send(new DescribeSecretCommand({ SecretId: id }));
    if (found.DeletedDate !== undefined) throw api.gone(`${id} is scheduled for deletion`);
    const rotateImmediately = known.rotateImmediately ?? true;
    if (found.Type && found.RotationEnabled) {
      const externalSecretRotationMetadatas = fromApi(found.ExternalSecretRotationMetadata ?? []);
      const externalSecretRotationRoleArn = found.ExternalSecretRotationRoleArn ?? "";
      const external = { externalSecretRotationMetadatas, externalSecretRotationRoleArn };
      const rotationRules = fromApi(found.RotationRules ?? {});
      return {
        secretId: id,
        rotateImmediately,
        rotationEnabled: true,
        rotationLambdaArn: "",
        rotationRules,
        ...external,
      };
    }
    const rules = rulesOf(found, known);
    if (!rules) return { secretId: id, rotateImmediately, rotationEnabled: false, rotationLambdaArn: "" };
    const rotationLambdaArn = found.RotationLambdaARN ?? "";
    return { secretId: id, rotateImmediately, rotationEnabled: true, rotationLambdaArn, rotationRules: rules };
  },
  async delete(api, id) {
    await api.send(new CancelRotateSecretCommand({ SecretId: id }));
  },
});

/** moto tells of the rules the days alone, and takes no rotation by an expression for enabled. */
function rulesOf({ RotationEnabled, RotationLambdaARN, RotationRules }: DescribeSecretResponse, known: PropertyMap) {
  const before = asMap(known.rotationRules);
  const isSet = RotationLambdaARN !== undefined && RotationLambdaARN === known.rotationLambdaArn;
  if (before.scheduleExpression !== undefined) return isSet ? before : undefined;
  if (!RotationEnabled) return undefined;
  const duration = before.duration === undefined ? {} : { duration: before.duration };
  return { automaticallyAfterDays: RotationRules?.AutomaticallyAfterDays ?? 0, ...duration };
}

async function setRotation(api: Api, inputs: PropertyMap): Promise<void> {
  const SecretId = text(inputs, "secretId");
  const RotateImmediately = inputs.rotateImmediately === true;
  const ClientRequestToken = randomUUID();
  const [lambda, role] = [asString(inputs.rotationLambdaArn), asString(inputs.externalSecretRotationRoleArn)];
  const metadata = toApi(inputs.externalSecretRotationMetadatas ?? []) as ExternalSecretRotationMetadataItem[];
  const request = new RotateSecretCommand({
    ...{ SecretId, ClientRequestToken, RotateImmediately },
    RotationRules: toApi(inputs.rotationRules) as RotationRulesType,
    ...(metadata.length > 0 && { ExternalSecretRotationMetadata: metadata }),
    ...(role && { ExternalSecretRotationRoleArn: role }),
    ...(lambda && { RotationLambdaARN: lambda }),
  });
  const rotate = () => api.send(request);
  if (!lambda) {
    await rotate();
    return;
  }
  const { VersionIdsToStages = {} } = await api.send(new DescribeSecretCommand({ SecretId }));
  const both = Object.entries(VersionIdsToStages).find(([, stages]) =>
    ["AWSPENDING", "AWSCURRENT"].every((stage) => stages.includes(stage)),
  )?.[0];
  const pending = { SecretId, VersionStage: "AWSPENDING" };
  // AWS takes it where one version has both labels, which moto calls a rotation in progress.
  if (both !== undefined)
    await api.send(new UpdateSecretVersionStageCommand({ ...pending, RemoveFromVersionId: both }));
  await rotate();
  // AWS takes the version of its test away again.
  if (!RotateImmediately && Object.keys(VersionIdsToStages).length > 0)
    await api.send(new UpdateSecretVersionStageCommand({ ...pending, RemoveFromVersionId: ClientRequestToken }));
  if (both !== undefined) await api.send(new UpdateSecretVersionStageCommand({ ...pending, MoveToVersionId: both }));
}
