import type { Provider, ResourceType } from "../provider/provider";
import { unimplemented } from "../provider/unimplemented";
import { bucketType } from "./bucket";
import { bucketSettings } from "./bucketSettings";
import { type AwsConfig, configure } from "./client";
import { cloudWatchRows } from "./cloudWatchRows";
import { iamRows } from "./iamRows";
import { invokes } from "./invokes";
import { aliasType, keyType } from "./kms";
import { rowType } from "./row";
import { secretType } from "./secret";
import { secretRotationType } from "./secretRotation";
import { secretVersionType } from "./secretVersion";
import { snsRows } from "./snsRows";

/** The types that are more than previewed. */
const resourceTypes: Readonly<Record<string, ResourceType<AwsConfig>>> = {
  "aws:secretsmanager/secret:Secret": secretType,
  "aws:secretsmanager/secretVersion:SecretVersion": secretVersionType,
  "aws:secretsmanager/secretRotation:SecretRotation": secretRotationType,
  "aws:s3/bucket:Bucket": bucketType,
  ...bucketSettings,
  "aws:kms/key:Key": keyType,
  "aws:kms/alias:Alias": aliasType,
  ...Object.fromEntries(
    Object.entries({ ...iamRows, ...snsRows, ...cloudWatchRows }).map(([type, row]) => [type, rowType(row)]),
  ),
};

export const awsProvider: Provider<AwsConfig> = {
  name: "aws",
  version: (require("@pulumi/aws/package.json") as { version: string }).version,
  configure,
  resourceType: (type) => resourceTypes[type] ?? unimplemented("aws", type),
  async invoke(call) {
    const invoke = invokes[call.token];
    if (!invoke) throw new Error(`the sandbox's aws provider stand-in does not implement the function ${call.token}`);
    return invoke(call);
  },
};
