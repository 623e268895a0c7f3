import { emergencyStage, tags } from "../../infra/names";
import type { RotatingSecret } from "../../infra/rotation";
import { readValues } from "../gates/readValues";
import { versionWith } from "../ports/secretsManager";
import { isSyncable, syncable } from "../strategies/expectedData";
import type { RotationStrategy, StrategyContext } from "../strategies/strategy";
import { currentText, type Found, isAbandoned, isInterrupted, isMarked, isUnsettled } from "./found";

/** What one run does to one secret. */
export interface PlannedSecret {
  readonly context: StrategyContext;
  readonly strategy: RotationStrategy;
  /** `resume`: an interrupted rotation is finished first, with the value it had. */
  readonly mode: "new" | "resume" | "rollback" | "restore";
  /** Makes the value to write; undefined: it is written already. */
  readonly newValue: (() => Promise<string>) | undefined;
  /** The counter that the update passes to the program. */
  readonly counter: number;
  /** Version id that carries AWSCURRENT before the run. */
  readonly oldVersionId: string | undefined;
  /** Version id of a resumed rotation; a new one gets its id when it is written. */
  readonly newVersionId: string | undefined;
}

/**
 * Finds out what a rotation of this secret has to do, from the stack's state and the staging labels, and refuses what
 * can be known to fail. Writes nothing: a pending version that the target accepts already, and that the stack does not
 * know, is what the target lives by, and is made current just before the new value is made.
 *
 * An emergency goes on with a version that an emergency wrote. Any other interrupted one may be compromised as well.
 *
 * @throws {RotationError} as `find` does, or what the strategy's check says
 */
export async function planRotation(found: Found): Promise<PlannedSecret> {
  const { context, strategy, live, recorded } = found;
  const oldVersionId = versionWith("AWSCURRENT", live);
  const base = { context, strategy, oldVersionId };
  const { version } = recorded;
  if (version && (await goesOn(found, version.id, oldVersionId))) {
    return { ...base, mode: "resume", newValue: undefined, counter: version.counter, newVersionId: version.id };
  }
  const current = await currentOrAcceptedPending(found);
  await strategy.check(context, current.value);
  const newValue = async () => {
    if (current.versionId !== oldVersionId && current.versionId !== undefined) {
      await context.ports.secretsManager.moveCurrent(context.fullName, { from: oldVersionId, to: current.versionId });
    }
    const value = await strategy.create(context, current.value);
    syncable(context, "create", value);
    return value;
  };
  return {
    ...base,
    oldVersionId: current.versionId,
    mode: "new",
    newValue,
    counter: nextCounter(found),
    newVersionId: undefined,
  };
}

/** Whether the recorded version is under way and may come through. One that cannot would stop every run for ever. */
async function goesOn(found: Found, id: string, current: string | undefined): Promise<boolean> {
  const { context, strategy, live, recorded } = found;
  if (!isInterrupted(id, live) && !isUnsettled(recorded, current)) return false;
  if (context.emergency !== isMarked(found) || isAbandoned(recorded, current)) return false;
  // One without a text was not written by a rotation.
  if ((await context.ports.secretsManager.value(context.fullName, id)) === undefined) return false;
  const { values } = await readValues(context, id, "check");
  if (id !== current && strategy.keeps?.(context, values) === false) return false;
  return strategy.flaw(context, values) === undefined && isSyncable(context, values.pending);
}

/** Another number than the recorded one makes the program write a new version. */
export function nextCounter({ recorded }: Found): number {
  return (recorded.version?.counter ?? 0) + 1;
}

/** What the program is asked for. */
export function rotatingSecret({ counter, context }: PlannedSecret, value: string | undefined): RotatingSecret {
  return { version: counter, value, stages: context.emergency ? [emergencyStage] : [] };
}

/**
 * AWSCURRENT and its value, or a pending version that was accepted and then forgotten; one that AWSCURRENT was taken from by
 * hand before its rotation had ended, or that External Secrets would refuse, only where the target refuses what is current. In an emergency always
 * AWSCURRENT: the services live by it, so that of two roles the other one is changed, and the pending password dies of that.
 */
async function currentOrAcceptedPending(found: Found) {
  const { context, strategy, live } = found;
  const { secretsManager } = context.ports;
  const read = async (id: string | undefined) => id && secretsManager.value(context.fullName, id);
  const accepts = async (value: string | undefined) => !!value && strategy.accepts(context, value);
  const pending = versionWith("AWSPENDING", live);
  const { versionId: current, value } = await currentText(found);
  const hasEnded = live.tags[tags.rotatedVersion] === pending;
  if (!context.emergency && pending !== undefined && pending !== current && !hasEnded) {
    const pendingValue = await read(pending);
    const goesOn = isInterrupted(pending, live) && isSyncable(context, pendingValue ?? "");
    const isForgotten = (await accepts(pendingValue)) && (goesOn || !(await accepts(value)));
    if (isForgotten) return { versionId: pending, value: pendingValue };
  }
  return { versionId: current, value };
}
