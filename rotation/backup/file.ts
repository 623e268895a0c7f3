import { createHash } from "node:crypto";
import { z } from "zod";
import type { EncryptionContext } from "../ports/kms";

/** A backup as it lies in the bucket: what it holds is readable, the values are not. */
const fileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  environment: z.string(),
  stack: z.string(),
  /** Id of the run that replaced these values. */
  run: z.uuid(),
  /** ISO 8601, UTC, with milliseconds. */
  createdAt: z.iso.datetime({ precision: 3 }),
  secrets: z.array(
    z.strictObject({
      secret: z.string(),
      versionId: z.string(),
      /** Base64: the value as a message of the AWS Encryption SDK. */
      message: z.string(),
    }),
  ),
});
export type BackupFile = z.output<typeof fileSchema>;
export type BackedUp = Pick<BackupFile["secrets"][number], "secret" | "versionId">;
/** All but the values. */
export interface BackupHeader extends Omit<BackupFile, "secrets"> {
  readonly secrets: readonly BackedUp[];
}

export function serialize(file: BackupFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** @throws Error when the text is not, byte for byte, what `serialize` makes */
export function parse(text: string): BackupFile {
  const file = fileSchema.parse(JSON.parse(text));
  const canonical = file.secrets.every(({ message }) => Buffer.from(message, "base64").toString("base64") === message);
  if (!canonical || serialize(file) !== text) throw new Error("it is not written as a backup is");
  return file;
}

/** Prefix of the keys of an environment's backups. */
export function prefixOf(prefix: string, environment: string): string {
  return `${prefix}/${environment}/`;
}

/** The order of the keys is that of the times: `<prefix>/<environment>/20260124T131500.000Z-<run>.json.encrypted`. */
export function keyOf(prefix: string, { environment, createdAt, run }: BackupHeader): string {
  return `${prefixOf(prefix, environment)}${createdAt.replace(/[-:]/g, "")}-${run}.json.encrypted`;
}

/** What one value is encrypted for: itself, as a part of this backup and no other. */
export function contextOf(header: BackupHeader, { secret, versionId }: BackedUp): EncryptionContext {
  const { schemaVersion, environment, stack, run, createdAt, secrets } = header;
  const contents = secrets.map((one) => [one.secret, one.versionId]);
  const whole = JSON.stringify([schemaVersion, environment, stack, run, createdAt, contents]);
  const backup = createHash("sha256").update(whole).digest("base64");
  return { environment, stack, secret, version: versionId, backup };
}
