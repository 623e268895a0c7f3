import * as kms from "@pulumi/aws/kms";
import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import type { BackupDeclaration } from "./config/backupSchema";
import { backupKeyAlias, projectName, tags, types } from "./names";

/**
 * The bucket of the backups: private, TLS only, versioned, encrypted by a KMS key, emptied by age. It outlives the stack:
 * what is in it brings lost credentials back. No rotation's update targets it.
 */
export class BackupBucket extends pulumi.ComponentResource {
  constructor(declaration: BackupDeclaration, environment: string) {
    super(types.backupBucket, declaration.bucket, {});
    const options = { parent: this, retainOnDelete: true };
    const tagged = { [tags.managedBy]: projectName, [tags.environment]: environment };
    const keyId = declaration.kmsKeyId ?? this.createKey(environment, tagged, options);
    const { id: bucket, arn } = new s3.Bucket("backups", { bucket: declaration.bucket, tags: tagged }, options);
    const versioning = new s3.BucketVersioning(
      "backups",
      { bucket, versioningConfiguration: { status: "Enabled" } },
      options,
    );
    const publicAccess = new s3.BucketPublicAccessBlock(
      "backups",
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      options,
    );
    // Of two at once S3 may refuse one: OperationAborted.
    new s3.BucketPolicy("backups", { bucket, policy: arn.apply(tlsOnly) }, { ...options, dependsOn: [publicAccess] });
    new s3.BucketServerSideEncryptionConfiguration("backups", { bucket, rules: [encryptedBy(keyId)] }, options);
    const afterVersioning = { ...options, dependsOn: [versioning] };
    new s3.BucketLifecycleConfiguration("backups", { bucket, rules: [expiry(declaration)] }, afterVersioning);
    if (declaration.objectLock) {
      // It turns the lock on too, of a bucket that is there as well. `objectLockEnabled` of the bucket would replace that.
      const rule = { defaultRetention: declaration.objectLock };
      new s3.BucketObjectLockConfiguration("backups", { bucket, rule }, afterVersioning);
    }
    this.registerOutputs({});
  }

  private createKey(
    environment: string,
    tagged: Record<string, string>,
    options: pulumi.CustomResourceOptions,
  ): pulumi.Output<string> {
    const description = `Encrypts the backups of rotated secrets, environment ${environment}`;
    const key = new kms.Key("backups", { description, enableKeyRotation: true, tags: tagged }, options);
    new kms.Alias("backups", { name: backupKeyAlias(environment), targetKeyId: key.keyId }, options);
    return key.arn;
  }
}

function tlsOnly(arn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}

function encryptedBy(kmsMasterKeyId: pulumi.Input<string>) {
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId },
    bucketKeyEnabled: true,
  };
}

/** Versioning keeps what is deleted: it goes a day later, or the bucket would grow for ever. */
function expiry({ prefix, retentionDays }: BackupDeclaration) {
  return {
    id: "expire",
    status: "Enabled",
    filter: { prefix: `${prefix}/` },
    expiration: { days: retentionDays },
    noncurrentVersionExpiration: { noncurrentDays: 1 },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
  };
}
