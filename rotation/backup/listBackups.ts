import type { StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import type { Ports } from "../ports";
import { awsFailure } from "./awsFailure";
import { type BackupHeader, parse, prefixOf } from "./file";
import { backupOf } from "./openBackup";

export interface ListedBackup {
  readonly key: string;
  /** As the file says it, nothing of it proven; undefined: it is no backup. */
  readonly header: Omit<BackupHeader, "schemaVersion"> | undefined;
}

export interface BackupPage {
  /** The newest first. */
  readonly backups: readonly ListedBackup[];
  /** The last key of this page, when there are older ones. */
  readonly before: string | undefined;
}

/**
 * The backups of the stack's environment, without decrypting any.
 *
 * @param page  at most `limit`, those older than the key `before`
 * @throws {UsageError} when the stack declares no backup, or the key is of another environment
 */
export async function listBackups(
  config: StackConfig,
  { s3 }: Pick<Ports, "s3">,
  page: { readonly limit: number; readonly before: string | undefined },
): Promise<BackupPage> {
  const { bucket, prefix } = backupOf(config);
  const start = prefixOf(prefix, config.environment);
  if (page.before !== undefined && !page.before.startsWith(start)) {
    throw new UsageError(`--before takes a key of a backup, it begins with ${start}`);
  }
  try {
    const keys = (await s3.keys(bucket, start)).toSorted().reverse();
    const older = keys.filter((key) => page.before === undefined || key < page.before);
    const shown = older.slice(0, page.limit);
    const backups = await Promise.all(
      shown.map(async (key) => ({ key, header: headerIn(await s3.read(bucket, key)) })),
    );
    return { backups, before: older.length > shown.length ? shown.at(-1) : undefined };
  } catch (error) {
    throw awsFailure("the backups cannot be listed", config, error);
  }
}

function headerIn(text: string): ListedBackup["header"] {
  try {
    const { schemaVersion: _, secrets, ...header } = parse(text);
    return { ...header, secrets: secrets.map(({ secret, versionId }) => ({ secret, versionId })) };
  } catch {
    return undefined;
  }
}
