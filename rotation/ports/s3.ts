import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { type AwsSettings, awsClient } from "./awsClient";

/** What the driver needs of S3. */
export interface S3 {
  /**
   * Writes an object that is not there yet: one that is there stays as it is, and this fails. Encryption at rest is the
   * bucket's, unless a KMS key is named.
   */
  create(bucket: string, key: string, body: string, options?: { kmsKeyArn: string }): Promise<void>;
  /** Keys that start with this, page after page, in their order. */
  keys(bucket: string, prefix: string): Promise<readonly string[]>;
  read(bucket: string, key: string): Promise<string>;
}

/** @param settings  the region is that of most buckets; one elsewhere is found by S3's own redirect */
export function s3(settings: AwsSettings): S3 {
  const client = new S3Client({ ...awsClient(settings, "s3"), followRegionRedirects: true });
  return {
    async create(bucket, key, body, options) {
      const ContentType = "application/json";
      const encryption = options && { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: options.kmsKeyArn };
      const put = {
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType,
        ChecksumAlgorithm: "SHA256",
        ...encryption,
      } as const;
      try {
        await client.send(new PutObjectCommand({ ...put, IfNoneMatch: "*" }));
      } catch (error) {
        // The SDK repeats a put whose answer was lost: then it is this very object that is there already.
        if (!wasWrittenByRetry(error)) throw error;
      }
    },
    async keys(bucket, prefix) {
      const found: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        found.push(...Contents.flatMap(({ Key }) => Key ?? []));
      }
      return found;
    },
    async read(bucket, key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await Body?.transformToString()) ?? "";
    },
  };
}

function wasWrittenByRetry(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { attempts?: number } };
  return name === "PreconditionFailed" && ($metadata?.attempts ?? 1) > 1;
}
