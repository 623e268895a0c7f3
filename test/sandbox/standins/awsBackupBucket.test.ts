import assert from "node:assert/strict";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DeleteBucketLifecycleCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import { BackupBucket } from "../../../infra/backupBucket";
import { backupSchema } from "../../../infra/config/backupSchema";
import { createTestStack, type TestStack } from "./testing/testStack";

describe("aws provider stand-in: bucket and key", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let s3: S3Client;
  let kms: KMSClient;
  const component = (more: object = {}) => {
    const declaration = backupSchema.parse({ bucket: stack.unique, ...more });
    return async () => {
      new BackupBucket(declaration, stack.unique);
    };
  };

  before(async () => {
    stack = await createTestStack("bucket");
    const { AWS_ENDPOINT_URL: endpoint = "" } = stack.sandbox.env;
    const client = { endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    [s3, kms] = [new S3Client(client), new KMSClient(client)];
  });

  it("makes what the component of the backups asks for, and finds it unchanged after a refresh", async () => {
    const Bucket = stack.unique;
    const objectLock = { mode: "GOVERNANCE", days: 7 };
    await stack.up(component());
    // The bucket that is there is locked, and not replaced.
    assert.deepEqual((await stack.up(component({ objectLock }))).steps, ["create backups"]);
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Enabled");
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    assert.deepEqual(Object.values(PublicAccessBlockConfiguration ?? {}), [true, true, true, true]);
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    assert.deepEqual([Rules?.[0]?.Expiration?.Days, Rules?.[0]?.Filter?.Prefix], [90, "secret-backups/"]);
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: `alias/secret-backups-${Bucket}` }));
    const encryption = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    assert.deepEqual(encryption, { SSEAlgorithm: "aws:kms", KMSMasterKeyID: KeyMetadata?.Arn });
    const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    const { Mode, Days } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
    assert.deepEqual({ Mode, Days }, { Mode: "GOVERNANCE", Days: 7 });
    await stack.refresh();
    assert.deepEqual((await stack.up(component({ objectLock }))).steps, []);
  });

  it("changes a setting in place, sees one that was taken away, and leaves everything when the section goes", async () => {
    const Bucket = stack.unique;
    const objectLock = { mode: "GOVERNANCE", days: 7 };
    const { steps, diffs } = await stack.up(component({ objectLock, retentionDays: 30 }));
    assert.deepEqual([steps, diffs], [["update backups"], { backups: ["rules[0].expiration.days"] }]);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    await stack.refresh();
    assert.deepEqual((await stack.up(component({ objectLock, retentionDays: 30 }))).steps, ["create backups"]);
    await stack.up(async () => undefined);
    await s3.send(new HeadBucketCommand({ Bucket }));
    await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  });

  it("deletes what is not to be retained, but no bucket that holds something", async () => {
    const name = `${stack.unique}-second`;
    const program = (forceDestroy: boolean) => async () => {
      const { id: bucket } = new aws.s3.Bucket("plain", { bucket: name, forceDestroy });
      new aws.s3.BucketVersioning("plain", { bucket, versioningConfiguration: { status: "Enabled" } });
      const { keyId: targetKeyId } = new aws.kms.Key("plain", { description: "a test's" });
      new aws.kms.Alias("plain", { name: `alias/${name}`, targetKeyId });
    };
    await stack.up(program(false));
    await s3.send(new PutObjectCommand({ Bucket: name, Key: "held", Body: "x" }));
    await assert.rejects(stack.destroy(), /BucketNotEmpty/);
    await stack.up(program(true));
    await stack.destroy();
    await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: name })), { name: "NotFound" });
    await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId: `alias/${name}` })), { name: "NotFoundException" });
  });
});
