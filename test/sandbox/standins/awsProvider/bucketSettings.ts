import { isDeepStrictEqual } from "node:util";
import {
  type BucketLifecycleConfiguration,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  type ObjectLockRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  type ServerSideEncryptionConfiguration,
  type VersioningConfiguration,
} from "@aws-sdk/client-s3";
import type { PropertyMap } from "../provider/propertyValues";
import type { ResourceType } from "../provider/provider";
import { fromApi, toApi } from "./apiNames";
import type { AwsConfig } from "./client";
import { managed, text } from "./managed";
import type { PropertySchema } from "./propertySchema";

/** One setting of a bucket, as a resource: its id is the bucket's name, and putting it is both its creation and its update. */
interface Setting {
  readonly what: string;
  readonly inputs: Readonly<Record<string, PropertySchema>>;
  put(s3: S3Client, Bucket: string, inputs: PropertyMap): Promise<unknown>;
  get(s3: S3Client, Bucket: string, known: PropertyMap): Promise<PropertyMap>;
  remove(s3: S3Client, Bucket: string, olds: PropertyMap): Promise<unknown>;
}

function setting({ what, inputs, put, get, remove }: Setting): ResourceType<AwsConfig> {
  const shared = { bucket: { required: true, forceNew: true }, region: { forceNew: true, computed: true } } as const;
  return managed({
    what,
    schema: { inputs: { ...shared, ...inputs }, outputs: [] },
    async create({ s3 }, given) {
      await put(s3, text(given, "bucket"), given);
      return text(given, "bucket");
    },
    async update({ s3 }, id, given) {
      await put(s3, id, given);
    },
    describe: async ({ s3 }, id, known) => ({ bucket: id, ...(await get(s3, id, known)) }),
    async delete({ s3 }, id, olds) {
      await remove(s3, id, olds);
    },
  });
}

/** By type. @see https://www.pulumi.com/registry/packages/aws/api-docs/s3/ */
export const bucketSettings: Readonly<Record<string, ResourceType<AwsConfig>>> = {
  "aws:s3/bucketVersioning:BucketVersioning": setting({
    what: "S3 Bucket Versioning",
    inputs: { versioningConfiguration: { required: true } },
    put: (s3, Bucket, { versioningConfiguration }) => {
      const VersioningConfiguration = toApi(versioningConfiguration) as VersioningConfiguration;
      return s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    },
    async get(s3, Bucket) {
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      return { versioningConfiguration: { status: Status ?? "Disabled" } };
    },
    // It cannot be turned off once it was on.
    remove: (s3, Bucket) =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } })),
  }),

  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting({
    what: "S3 Bucket Public Access Block",
    inputs: {
      blockPublicAcls: { default: false },
      blockPublicPolicy: { default: false },
      ignorePublicAcls: { default: false },
      restrictPublicBuckets: { default: false },
    },
    put: (s3, Bucket, { bucket: _, region: __, ...flags }) =>
      s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: toApi(flags) as object })),
    async get(s3, Bucket) {
      const found = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
      return fromApi(found.PublicAccessBlockConfiguration) as PropertyMap;
    },
    remove: (s3, Bucket) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
  }),

  "aws:s3/bucketPolicy:BucketPolicy": setting({
    what: "S3 Bucket Policy",
    inputs: { policy: { required: true } },
    put: (s3, Bucket, inputs) =>
      s3.send(new PutBucketPolicyCommand({ Bucket, Policy: withoutTls(text(inputs, "policy")) })),
    async get(s3, Bucket, known) {
      const { Policy = "{}" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
      // Terraform holds two policies that say the same for equal.
      const wanted = text(known, "policy");
      const same = wanted !== "" && isDeepStrictEqual(JSON.parse(Policy), JSON.parse(withoutTls(wanted)));
      return { policy: same ? wanted : Policy };
    },
    remove: (s3, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  }),

  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting({
    what: "S3 Bucket Lifecycle Configuration",
    inputs: { rules: { required: true } },
    put: (s3, Bucket, { rules }) => {
      const LifecycleConfiguration = { Rules: toApi(rules) } as BucketLifecycleConfiguration;
      return s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
    },
    get: async (s3, Bucket) => ({
      rules: fromApi((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules),
    }),
    remove: (s3, Bucket) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
  }),

  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting({
    what: "S3 Bucket Server-side Encryption Configuration",
    inputs: { rules: { required: true } },
    put: (s3, Bucket, { rules }) => {
      const Configuration = { Rules: toApi(rules) } as ServerSideEncryptionConfiguration;
      return s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: Configuration }));
    },
    async get(s3, Bucket) {
      const found = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
      return { rules: fromApi(found.ServerSideEncryptionConfiguration?.Rules) };
    },
    remove: (s3, Bucket) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
  }),

  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": setting({
    what: "S3 Bucket Object Lock Configuration",
    inputs: { objectLockEnabled: { forceNew: true, default: "Enabled" }, rule: {} },
    put: (s3, Bucket, { rule }) => lock(s3, Bucket, toApi(rule) as ObjectLockRule | undefined),
    async get(s3, Bucket) {
      const found = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
      const { ObjectLockEnabled, Rule } = found.ObjectLockConfiguration ?? {};
      // moto says 0 of the unit that was not given.
      const told = Object.entries(Rule?.DefaultRetention ?? {}).filter(([, value]) => value !== 0);
      const rule = Rule && { DefaultRetention: Object.fromEntries(told) };
      return fromApi({ ObjectLockEnabled, Rule: rule }) as PropertyMap;
    },
    // A bucket that was made with it keeps it: what goes is the default retention.
    remove: (s3, Bucket) => lock(s3, Bucket, undefined),
  }),
};

function lock(s3: S3Client, Bucket: string, Rule: ObjectLockRule | undefined): Promise<unknown> {
  const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled" as const, ...(Rule && { Rule }) };
  return s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
}

/** moto is reached without TLS: a statement that wants it would deny everything here, as it should. It is left out. */
function withoutTls(policy: string): string {
  const { Statement, ...rest } = JSON.parse(policy) as { Statement: unknown };
  const wantsTls = (statement: unknown) => JSON.stringify(statement).includes('"aws:SecureTransport"');
  return JSON.stringify({ ...rest, Statement: [Statement].flat().filter((statement) => !wantsTls(statement)) });
}
