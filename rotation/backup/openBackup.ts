import type { BackupDeclaration } from "../../infra/config/backupSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { BackupError, describeError, UsageError } from "../errors";
import type { Ports } from "../ports";
import { awsFailure } from "./awsFailure";
import { type BackedUp, type BackupFile, contextOf, keyOf, parse, prefixOf } from "./file";
import { keyIdOf } from "./writeBackup";

/** A backup whose header is this stack's. Its values are decrypted as they are asked for. */
export interface OpenedBackup {
  readonly key: string;
  readonly createdAt: Date;
  readonly secrets: readonly BackedUp[];
  /** @throws {BackupError} when it is not what was written, or KMS refuses */
  value(secret: string): Promise<string>;
}

/** @throws {UsageError} when the stack declares none */
export function backupOf({ backup, stack, named }: StackConfig): BackupDeclaration {
  if (backup) return backup;
  const example = `secret-rotation:backup: {bucket: acme-${stack}-secret-backups}`;
  throw new UsageError(`Pulumi.${stack}.yaml declares no backup: add ${example}, and run pulumi up --stack ${named}`);
}

/**
 * Reads a backup, and refuses one of another stack or environment, and one that was changed, moved or renamed: where it
 * lies has to be what its header says, and every value is encrypted for this header.
 *
 * @throws {UsageError} when there is no such backup of this environment
 * @throws {BackupError} when it is none that this stack has written, or cannot be read
 */
export async function openBackup(
  config: StackConfig,
  ports: Pick<Ports, "s3" | "kms">,
  key: string,
): Promise<OpenedBackup> {
  const backup = backupOf(config);
  const prefix = prefixOf(backup.prefix, config.environment);
  if (!key.startsWith(prefix)) {
    throw new UsageError(
      `${key} is no backup of the environment ${config.environment}: theirs begin with ${prefix}, and rotation backups lists them`,
    );
  }
  const file = await readFile(config, backup, ports, key);
  const keyArn = await ports.kms.keyArn(keyIdOf(backup, config.environment)).catch((error) => {
    throw awsFailure("the backup cannot be decrypted", config, error);
  });
  return {
    key,
    createdAt: new Date(file.createdAt),
    secrets: file.secrets.map(({ secret, versionId }) => ({ secret, versionId })),
    async value(secret) {
      const one = file.secrets.find((found) => found.secret === secret);
      if (!one) throw new UsageError(`${key} holds no ${secret}`);
      const message = Buffer.from(one.message, "base64");
      const plaintext = await ports.kms.decrypt(keyArn, message, contextOf(file, one)).catch((error) => {
        throw notDecrypted(error, config, key, secret);
      });
      const value = plaintext.toString("utf8");
      plaintext.fill(0);
      return value;
    },
  };
}

async function readFile(
  config: StackConfig,
  { bucket, prefix }: BackupDeclaration,
  { s3 }: Pick<Ports, "s3">,
  key: string,
): Promise<BackupFile> {
  const text = await s3.read(bucket, key).catch((error) => {
    if ((error as Error).name !== "NoSuchKey") throw awsFailure("the backup cannot be read", config, error);
    const list = `npm run rotation -- backups --stack ${config.named} lists those that are there`;
    throw new UsageError(`s3://${bucket} has no ${key}: ${list}`);
  });
  let file: BackupFile;
  try {
    file = parse(text);
  } catch {
    throw refused(key, "it is not as a backup is written: it was changed, or is something else");
  }
  const { environment, stack } = file;
  if (environment !== config.environment || stack !== config.stack) {
    throw refused(key, `it is of environment ${environment}, stack ${stack}`);
  }
  if (key !== keyOf(prefix, file)) throw refused(key, "it was written under another key");
  if (new Set(file.secrets.map(({ secret }) => secret)).size < file.secrets.length) {
    throw refused(key, "it holds a secret twice");
  }
  return file;
}

function notDecrypted(error: unknown, config: StackConfig, key: string, secret: string): BackupError {
  const { name, $metadata } = error as { name?: string; $metadata?: object };
  // KMS says this of a data key that was changed, and of one for another context.
  if ($metadata && name !== "InvalidCiphertextException") {
    return awsFailure(`the backup's value of ${secret} cannot be decrypted`, config, error);
  }
  const reason = `the value of ${secret} is not what was written into it under the declared key (${describeError(error)})`;
  return refused(key, reason, error);
}

function refused(key: string, reason: string, cause?: unknown): BackupError {
  return new BackupError(`${key} is refused: ${reason}; nothing was changed`, cause === undefined ? {} : { cause });
}
