import type { Declared } from "./declared";
import { keyStatements } from "./keys";
import type { PolicyStatement } from "./policyDocument";

/** A statement that allows these actions. */
export function allow(
  sid: string,
  actions: readonly string[],
  resource: string | readonly string[],
  condition?: NonNullable<PolicyStatement["Condition"]>,
): PolicyStatement {
  return { Sid: sid, Effect: "Allow", Action: actions, Resource: resource, ...(condition && { Condition: condition }) };
}

/** AWS puts a hyphen and six characters behind the name. */
export function secretArn({ region, account }: Pick<Declared, "region" | "account">, name: string): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}${name.endsWith("*") ? "" : "-??????"}`;
}

export function bucketArn({ bucket }: { readonly bucket: string }): string {
  return `arn:aws:s3:::${bucket}`;
}

/** What lies below a place in a bucket, e.g. `arn:aws:s3:::acme/secret-backups/prod/*`. */
export function objectsIn({ bucket, prefix }: { bucket: string; prefix: string }, below: string): string {
  return `${bucketArn({ bucket })}/${prefix}/${below}/*`;
}

/** Listing what lies below a place. The prefix is that of the request. */
export function listing(sid: string, place: { bucket: string; prefix: string }, below: string): PolicyStatement {
  return allow(sid, ["s3:ListBucket"], bucketArn(place), { StringLike: { "s3:prefix": `${place.prefix}/${below}/*` } });
}

/**
 * The use of the secrets' keys by Secrets Manager, in the name of whoever calls it, for secrets of the environment and those
 * that are named beside them. Which of them, the statements say that allow the calls.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function keysOfSecrets(
  declared: Declared,
  actions: readonly string[],
  beside: readonly string[] = [],
): PolicyStatement[] {
  const { region, secretKeys, environment } = declared;
  const names = [`${environment}/*`, ...beside.filter((name) => !name.startsWith(`${environment}/`))];
  return keyStatements(secretKeys, declared, {
    sid: "KeysOfSecrets",
    actions,
    conditions: {
      StringEquals: { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` },
      StringLike: { "kms:EncryptionContext:SecretARN": names.map((name) => secretArn(declared, name)) },
    },
  });
}

/**
 * The use of the backups' key: by the driver for each value, whose message names the environment, and by S3 for the object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
 */
export function keyOfBackups(declared: Declared, actions: readonly string[]): PolicyStatement[] {
  const { backup, environment, region } = declared;
  if (!backup) return [];
  const bucket = bucketArn(backup);
  return [
    ...keyStatements([backup.key], declared, {
      sid: "KeyOfBackups",
      actions,
      conditions: { StringEquals: { "kms:EncryptionContext:environment": environment } },
    }),
    ...keyStatements([backup.key], declared, {
      sid: "KeyOfBackupsInS3",
      actions,
      conditions: {
        StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` },
        StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucket, `${bucket}/*`] },
      },
    }),
  ];
}
