import type { StackConfig } from "../../infra/config/stackConfig";
import { BackupError, describeError } from "../errors";

/** What AWS says of a bucket or a key, with what to do about it. */
export function awsFailure(
  what: string,
  { named, environment, backup }: Pick<StackConfig, "named" | "environment" | "backup">,
  cause: unknown,
): BackupError {
  if (cause instanceof BackupError) return cause;
  const { name = "", $metadata } = cause as { name?: string; $metadata?: { httpStatusCode?: number } };
  const missing = backup?.provision
    ? `run pulumi up --stack ${named} first: it makes the bucket and the key`
    : "make the bucket and the key that secret-rotation:backup names, or correct it";
  const allowed = `the driver needs kms:DescribeKey, GenerateDataKey and Decrypt on the key, s3:PutObject and GetObject on ${backup?.bucket}/${backup?.prefix}/${environment}/*, s3:ListBucket on the bucket`;
  const hints: Record<string, string> = { NoSuchBucket: missing, NotFoundException: missing };
  const hint = hints[name] ?? ($metadata?.httpStatusCode === 403 || /AccessDenied/.test(name) ? allowed : undefined);
  const where = `s3://${backup?.bucket}/${backup?.prefix}/${environment}`;
  return new BackupError(`${what} (${where}): ${describeError(cause)}; nothing was changed${hint ? `. ${hint}` : ""}`, {
    cause,
  });
}
