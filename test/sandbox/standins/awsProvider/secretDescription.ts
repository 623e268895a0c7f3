import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetResourcePolicyCommand,
} from "@aws-sdk/client-secrets-manager";
import { type PropertyMap, withoutNothing, withSecretsOf } from "../provider/propertyValues";
import type { Api } from "./api";
import { recorded } from "./schema";
import { secretSchema } from "./secretSchema";

/**
 * The outputs as AWS tells them; what AWS does not tell is taken from `known`.
 * @throws ResourceNotFoundException if the secret does not exist or is scheduled for deletion
 */
export async function describeSecret(api: Api, id: string, known: PropertyMap): Promise<PropertyMap> {
  const described = await api.send(new DescribeSecretCommand({ SecretId: id }));
  if (described.DeletedDate !== undefined) throw api.gone(`${id} is scheduled for deletion`);
  const { ResourcePolicy } = await api.send(new GetResourcePolicyCommand({ SecretId: id }));
  const outputs = outputsOf(described, ResourcePolicy, api);
  const own = withoutNothing({
    forceOverwriteReplicaSecret: known.forceOverwriteReplicaSecret,
    recoveryWindowInDays: known.recoveryWindowInDays,
  });
  return withSecretsOf({ ...own, ...outputs }, recorded(secretSchema, known));
}

function outputsOf(described: DescribeSecretResponse, policy: string | undefined, api: Api): PropertyMap {
  const tags = Object.fromEntries((described.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
  const own = Object.entries(tags).filter(([key, value]) => api.config.defaultTags[key] !== value);
  return withoutNothing({
    arn: described.ARN,
    description: described.Description ?? "",
    kmsKeyId: described.KmsKeyId ?? "",
    name: described.Name,
    namePrefix: "",
    policy: policy ?? "",
    region: api.region,
    replicas: [],
    tags: Object.fromEntries(own),
    tagsAll: tags,
    type: described.Type,
  });
}
