import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  ListSecretVersionIdsCommand,
  type SecretVersionsListEntry,
} from "@aws-sdk/client-secrets-manager";
import { asMap, asString, type PropertyMap, revealMap, withoutNothing } from "../provider/propertyValues";
import type { InvokeCall } from "../provider/provider";
import { apiOf } from "./api";
import { type AwsConfig, awsError } from "./client";
import { callService } from "./services";

type Invoke = (call: InvokeCall<AwsConfig>) => Promise<PropertyMap>;

/** The functions of the package that are answered, by token. */
export const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getRegion:getRegion": async ({ args, config }) => {
    const region = asString(args.region) ?? config.region ?? "";
    return { id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
  },

  // The account of moto. It takes any credentials, so asking it would tell no more.
  "aws:index/getCallerIdentity:getCallerIdentity": async () => {
    const accountId = "123456789012";
    return { id: accountId, accountId, arn: `arn:aws:sts::${accountId}:user/moto`, userId: "AKIAIOSFODNN7EXAMPLE" };
  },

  "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": async (call) => {
    const args = revealMap(call.args);
    const api = apiOf({ ...call, inputs: {} });
    const host = asString(args.url)?.replace(/^https:\/\//, "");
    const { OpenIDConnectProviderList: list = [] } = await callService(api, "iam", "listOpenIDConnectProviders", {});
    const arns = (Array.isArray(list) ? list : []).map((one) => asString(asMap(one).Arn) ?? "");
    const arn = asString(args.arn) ?? arns.find((one) => one.split("oidc-provider/")[1] === host);
    if (arn === undefined) throw new Error(`finding IAM OIDC Provider by url (${args.url}): not found`);
    try {
      const found = await callService(api, "iam", "getOpenIDConnectProvider", { OpenIDConnectProviderArn: arn });
      const { ClientIDList, ThumbprintList, Url, Tags } = found;
      const tags = (Array.isArray(Tags) ? Tags : []).map(asMap).map(({ Key, Value }) => [String(Key), Value ?? ""]);
      return withoutNothing({
        ...{ id: arn, arn, clientIdLists: ClientIDList ?? [], thumbprintLists: ThumbprintList ?? [], url: Url ?? "" },
        tags: Object.fromEntries(tags),
      });
    } catch (error) {
      throw awsError(`reading IAM OIDC Provider (${arn})`, error);
    }
  },

  "aws:secretsmanager/getSecret:getSecret": async (call) => {
    const args = revealMap(call.args);
    const api = apiOf({ ...call, inputs: args });
    const SecretId = asString(args.arn) ?? asString(args.name) ?? "";
    try {
      const found = await api.send(new DescribeSecretCommand({ SecretId }));
      const { ResourcePolicy } = await api.send(new GetResourcePolicyCommand({ SecretId }));
      return withoutNothing({
        id: found.ARN,
        arn: found.ARN,
        name: found.Name,
        description: found.Description ?? "",
        kmsKeyId: found.KmsKeyId ?? "",
        policy: ResourcePolicy ?? "",
        region: api.region,
        createdDate: found.CreatedDate?.toISOString() ?? "",
        lastChangedDate: found.LastChangedDate?.toISOString() ?? "",
        tags: Object.fromEntries((found.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
      });
    } catch (error) {
      throw awsError(`reading Secrets Manager Secret (${SecretId})`, error);
    }
  },

  "aws:secretsmanager/getSecretRotation:getSecretRotation": async (call) => {
    const args = revealMap(call.args);
    const api = apiOf({ ...call, inputs: args });
    const SecretId = asString(args.secretId) ?? "";
    try {
      const { ARN, RotationEnabled, RotationLambdaARN } = await api.send(new DescribeSecretCommand({ SecretId }));
      const rotation = { rotationEnabled: RotationEnabled ?? false, rotationLambdaArn: RotationLambdaARN ?? "" };
      return withoutNothing({ id: ARN, secretId: SecretId, region: api.region, rotationRules: [], ...rotation });
    } catch (error) {
      throw awsError(`reading Secrets Manager Secret Rotation (${SecretId})`, error);
    }
  },

  "aws:secretsmanager/getSecretVersions:getSecretVersions": async (call) => {
    const args = revealMap(call.args);
    const api = apiOf({ ...call, inputs: args });
    const SecretId = asString(args.secretId) ?? "";
    const versions: SecretVersionsListEntry[] = [];
    try {
      // moto answers 500 to a list of what is not there; to this as AWS does.
      await api.send(new DescribeSecretCommand({ SecretId }));
      let NextToken: string | undefined;
      do {
        const query = { SecretId, IncludeDeprecated: args.includeDeprecated === true, NextToken };
        const page = await api.send(new ListSecretVersionIdsCommand(query));
        versions.push(...(page.Versions ?? []));
        NextToken = page.NextToken || undefined;
      } while (NextToken);
    } catch (error) {
      throw awsError(`listing Secrets Manager Secret Versions (${SecretId})`, error);
    }
    return withoutNothing({
      id: SecretId,
      arn: SecretId,
      name: SecretId,
      region: api.region,
      secretId: SecretId,
      versions: versions.map(({ CreatedDate, LastAccessedDate, VersionId, VersionStages }) => ({
        createdTime: CreatedDate?.toISOString() ?? "",
        lastAccessedDate: LastAccessedDate?.toISOString() ?? "",
        versionId: VersionId ?? "",
        versionStages: VersionStages ?? [],
      })),
    });
  },
};
