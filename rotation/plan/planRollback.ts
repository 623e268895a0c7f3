import { RotationError } from "../errors";
import { versionWith } from "../ports/secretsManager";
import { syncable } from "../rotators/common/expectedData";
import { flawless } from "../rotators/protocol";
import { isMeantBy } from "../shortVersion";
import { notFromBeforeEmergency } from "./beforeEmergency";
import { currentText, type Found, isInterrupted, nextCounter } from "./found";
import type { PlannedSecret } from "./plannedSecret";

/**
 * Plans a rotation whose value comes from an older version: the same graph and gates, a new version. Where an interrupted
 * rotation has not moved AWSCURRENT yet, that is the older one; else it is AWSPREVIOUS. So a second rollback goes back to
 * what the first one left.
 *
 * @param to  version id to go back to, or what tables show of it; undefined: as above
 * @throws {RotationError} NOTHING_TO_ROLL_BACK; RETIRED when the older credential is gone for good, or an emergency took it
 *   out of use; SECRET_MALFORMED when it can never be a new value
 */
export async function planRollback(found: Found, to: string | undefined): Promise<PlannedSecret> {
  const { context, strategy } = found;
  const { secretsManager } = context.ports;
  const read = async (id: string | undefined) =>
    id === undefined ? undefined : secretsManager.value(context.fullName, id);
  const target = to === undefined ? await previousVersion(found) : versionNamed(to, found);
  const [value, { versionId: oldVersionId, value: current }] = await Promise.all([read(target), currentText(found)]);
  if (value === undefined)
    throw nothing(found, to === undefined ? "there is no older version" : `there is no version ${to}`);
  if (to !== undefined && target === oldVersionId) throw nothing(found, `version ${to} is current already`);
  const [what, versionId] = [`version ${target}`, target ?? ""];
  const writtenAt = await secretsManager.createdAt(context.fullName, versionId);
  await notFromBeforeEmergency(found, { what, versionId, writtenAt });
  const restored = await strategy.rollBack(context, value, current);
  syncable(context, "check", restored);
  // Where an interrupted rotation has changed the target, going back to what is current changes it back.
  if (target !== oldVersionId) {
    if (restored === current) throw nothing(found, `version ${target} has the value that is current already`);
    flawless(strategy, context, "check", { pending: restored, current, previous: undefined });
  }
  const newValue = async () => restored;
  return {
    context,
    strategy,
    oldVersionId,
    mode: "rollback",
    newValue,
    counter: nextCounter(found),
    newVersionId: undefined,
  };
}

/** What tables show of an id is enough. One without a staging label is not listed, and is named in full. */
function versionNamed(to: string, found: Found): string {
  const candidates = Object.keys(found.live.stages).filter((id) => isMeantBy(to, id));
  if (candidates.length > 1) throw nothing(found, `${to} stands for several versions: ${candidates.join(", ")}`);
  const [id = to] = candidates;
  if (id.length < shortestVersionId) throw nothing(found, `there is no version ${to}`);
  return id;
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html: VersionId */
const shortestVersionId = 32;

async function previousVersion(found: Found): Promise<string | undefined> {
  const { context, strategy, live } = found;
  const [current, pending] = [versionWith("AWSCURRENT", live), versionWith("AWSPENDING", live)];
  if (pending === undefined || pending === current || !isInterrupted(pending, live)) {
    return versionWith("AWSPREVIOUS", live);
  }
  const value = await context.ports.secretsManager.value(context.fullName, pending);
  if (value !== undefined && (await strategy.accepts(context, value))) return current;
  throw nothing(found, "the interrupted rotation has not changed anything that is in use");
}

function nothing({ context }: Found, message: string): RotationError {
  const at = { secret: context.secret.name, step: "check" } as const;
  return new RotationError("NOTHING_TO_ROLL_BACK", at, message, {
    hint: `npm run rotation -- history ${context.secret.name} --json shows its versions, status what is current`,
  });
}
