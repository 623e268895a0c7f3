import type { BackupDeclaration } from "../../infra/config/backupSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { backupKeyAlias, fullName } from "../../infra/names";
import { BackupError } from "../errors";
import type { Ports } from "../ports";
import { awsFailure } from "./awsFailure";
import { type BackedUp, type BackupHeader, contextOf, keyOf, serialize } from "./file";

/** The key that encrypts the backups: the one that is named, or the stack's own. */
export function keyIdOf(backup: BackupDeclaration, environment: string): string {
  return backup.kmsKeyId ?? backupKeyAlias(environment);
}

/**
 * Writes the values of these versions into one object of the bucket, which is never overwritten. Each value is encrypted
 * by a data key of its own before it leaves the driver, and the object by S3 once more.
 *
 * @param run  id of the run that is going to replace them
 * @returns the object's key; undefined: there is nothing to back up, or the stack declares no backup
 * @throws {BackupError} nothing may be replaced then
 */
export async function writeBackup(
  config: StackConfig,
  ports: Pick<Ports, "secretsManager" | "s3" | "kms" | "clock">,
  run: string,
  secrets: readonly BackedUp[],
): Promise<string | undefined> {
  const { backup, environment, stack } = config;
  if (backup === undefined || secrets.length === 0) return undefined;
  const createdAt = ports.clock.now().toISOString();
  const header: BackupHeader = { schemaVersion: 1, environment, stack, run, createdAt, secrets };
  const key = keyOf(backup.prefix, header);
  try {
    const keyArn = await ports.kms.keyArn(keyIdOf(backup, environment));
    const messages = secrets.map((one) => encrypted(header, one, keyArn, ports));
    const file = { ...header, secrets: await Promise.all(messages) };
    await ports.s3.create(backup.bucket, key, serialize(file), { kmsKeyArn: keyArn });
    return key;
  } catch (error) {
    throw awsFailure("the backup cannot be written", config, error);
  }
}

async function encrypted(
  header: BackupHeader,
  one: BackedUp,
  keyArn: string,
  { secretsManager, kms }: Pick<Ports, "secretsManager" | "kms">,
) {
  const value = await secretsManager.value(fullName(header.environment, one.secret), one.versionId);
  if (value === undefined) {
    throw new BackupError(
      `the backup cannot be written: version ${one.versionId} of ${one.secret} has no text; nothing was changed`,
    );
  }
  const plaintext = Buffer.from(value, "utf8");
  try {
    const message = await kms.encrypt(keyArn, plaintext, contextOf(header, one));
    return { ...one, message: message.toString("base64") };
  } finally {
    plaintext.fill(0);
  }
}
