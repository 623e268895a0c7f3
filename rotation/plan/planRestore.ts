import type { OpenedBackup } from "../backup/openBackup";
import { syncable } from "../rotators/common/expectedData";
import { flawless } from "../rotators/protocol";
import { notFromBeforeEmergency } from "./beforeEmergency";
import { currentText, type Found, isAbandoned, isInterrupted, nextCounter } from "./found";
import type { PlannedSecret } from "./plannedSecret";

/**
 * Plans a rotation whose value comes from a backup: the same graph and gates, a new version. An interrupted one that has
 * written this value already goes on.
 *
 * @returns undefined: what is current is what the backup holds
 * @throws {RotationError} what the strategy says, or RETIRED when an emergency has replaced the value since
 * @throws {BackupError} when the backup's value cannot be had
 */
export async function planRestore(found: Found, backup: OpenedBackup): Promise<PlannedSecret | undefined> {
  const { context, strategy, live, recorded } = found;
  const { name } = context.secret;
  const read = (id: string) => context.ports.secretsManager.value(context.fullName, id);
  const { versionId: oldVersionId, value: current } = await currentText(found);
  const value = await backup.value(name);
  const versionId = backup.secrets.find(({ secret }) => secret === name)?.versionId ?? "";
  await notFromBeforeEmergency(found, { what: "the backup", versionId, writtenAt: backup.createdAt });
  const restored = await strategy.restore(context, value, current);
  syncable(context, "check", restored ?? current ?? "");
  const base = { context, strategy, oldVersionId };
  const { version } = recorded;
  if (version && isInterrupted(version.id, live) && !isAbandoned(recorded, oldVersionId)) {
    const isThis = restored === undefined ? version.id === oldVersionId : (await read(version.id)) === restored;
    if (isThis) {
      return { ...base, mode: "resume", newValue: undefined, counter: version.counter, newVersionId: version.id };
    }
  }
  if (restored === undefined) return undefined;
  flawless(strategy, context, "check", { pending: restored, current, previous: undefined });
  const newValue = async () => restored;
  return { ...base, mode: "restore", newValue, counter: nextCounter(found), newVersionId: undefined };
}
