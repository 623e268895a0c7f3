import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
} from "@aws-sdk/client-s3";
import { asMap, type PropertyMap } from "../provider/propertyValues";
import type { Api } from "./api";
import { isGone } from "./client";
import { managed, text } from "./managed";
import { randomSuffix } from "./naming";

/**
 * aws:s3/bucket:Bucket, the one without settings: each of these is a resource of its own (bucketSettings).
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/
 */
export const bucketType = managed({
  what: "S3 Bucket",
  schema: {
    inputs: {
      bucket: { forceNew: true, computed: true, autonamed: { unless: "bucketPrefix" } },
      bucketPrefix: { forceNew: true, computed: true },
      forceDestroy: { default: false },
      objectLockEnabled: { forceNew: true, computed: true },
      region: { forceNew: true, computed: true },
      tags: {},
      tagsAll: { computed: true },
    },
    outputs: ["arn", "bucketDomainName", "bucketRegionalDomainName", "bucketRegion"],
  },
  async create({ s3, region }, inputs) {
    const Bucket = text(inputs, "bucket") || `${text(inputs, "bucketPrefix")}${randomSuffix()}`;
    const where = { LocationConstraint: region as BucketLocationConstraint };
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: inputs.objectLockEnabled === true,
        // The one region that must not be named.
        ...(region !== "us-east-1" && { CreateBucketConfiguration: where }),
      }),
    );
    await tag({ s3 }, Bucket, asMap(inputs.tagsAll), {});
    return Bucket;
  },
  update: ({ s3 }, id, inputs, olds) => tag({ s3 }, id, asMap(inputs.tagsAll), asMap(olds.tagsAll)),
  async describe({ s3, config, region }, Bucket) {
    await s3.send(new HeadBucketCommand({ Bucket }));
    const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket })).catch(noTags);
    const lock = await s3.send(new GetObjectLockConfigurationCommand({ Bucket })).catch((error) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    const tagsAll = Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
    const own = Object.entries(tagsAll).filter(([key, value]) => config.defaultTags[key] !== value);
    return {
      arn: `arn:aws:s3:::${Bucket}`,
      bucket: Bucket,
      bucketDomainName: `${Bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${Bucket}.s3.${region}.amazonaws.com`,
      bucketRegion: region,
      objectLockEnabled: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
      tags: Object.fromEntries(own),
      tagsAll,
    };
  },
  async delete(api, Bucket, { forceDestroy }) {
    if (forceDestroy === true) await empty(api, Bucket);
    await api.s3.send(new DeleteBucketCommand({ Bucket }));
  },
});

async function tag({ s3 }: Pick<Api, "s3">, Bucket: string, news: PropertyMap, olds: PropertyMap): Promise<void> {
  const TagSet = Object.entries(news).map(([Key, Value]) => ({ Key, Value: String(Value) }));
  if (TagSet.length > 0) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  else if (Object.keys(olds).length > 0) await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
}

function noTags(error: unknown): { TagSet?: [] } {
  if (error instanceof Error && error.name === "NoSuchTagSet") return {};
  throw error;
}

async function empty({ s3 }: Api, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
}
