import { emergencyStage, tags } from "../../infra/names";
import type { RotatingSecret } from "../../infra/rotation";
import { versionWith } from "../ports/secretsManager";
import { isSyncable, syncable } from "../rotators/common/expectedData";
import { readValues } from "../rotators/readValues";
import { currentText, type Found, isAbandoned, isInterrupted, isMarked, isUnsettled, nextCounter } from "./found";
import { phaseOf } from "./phaseOf";
import type { PlannedSecret } from "./plannedSecret";
import { beginsAnew, phaseUnderWay, planPhase, waitingText } from "./planPhase";
import { isHeldByOthers, type StackRun } from "./together";

/**
 * Finds out what a rotation of this secret has to do, from the stack's state and the staging labels, and refuses what
 * can be known to fail. Writes nothing: a pending version that the target accepts already, and that the stack does not
 * know, is what the target lives by, and is made current just before the new value is made. Where the target keeps both, its
 * value is brought through instead.
 *
 * An emergency goes on with a version that an emergency wrote. Any other interrupted one may be compromised as well.
 *
 * Of a kind of several phases a run does one at most, and nothing as long as the next one waits.
 *
 * @param run  of which the secret is one; undefined: it is alone
 * @returns undefined: there is nothing to do yet
 * @throws {RotationError} as `find` does, or what the strategy's check says
 */
export async function planRotation(found: Found, run?: StackRun): Promise<PlannedSecret | undefined> {
  const { context, strategy, live, recorded } = found;
  const oldVersionId = versionWith("AWSCURRENT", live);
  const base = { context, strategy, oldVersionId };
  const { version } = recorded;
  if (version && (await goesOn(found, version.id, oldVersionId))) {
    const rest = { newValue: undefined, counter: version.counter, newVersionId: version.id };
    const value = strategy.phasing && (await context.ports.secretsManager.value(context.fullName, version.id));
    const phase = value === undefined ? undefined : phaseUnderWay(found, version.id, value);
    return { ...base, mode: "resume", phase, ...rest };
  }
  const { phasing } = strategy;
  if (phasing && !context.emergency) {
    const next = await phaseOf(found, phasing);
    if (next.state === "ready" && !(await beginsAnew(found, phasing, next.phase))) {
      return planPhase(found, phasing, next.phase, run);
    }
    if (next.state === "waiting") {
      context.findings.fact(waitingText(next.phase, next.until));
      return undefined;
    }
  }
  const current = await currentOrAcceptedPending(found);
  // One more would be one too many for an issuer that keeps two.
  if (phasing && current.versionId !== oldVersionId && current.value !== undefined) {
    const { value } = current;
    await strategy.check(context, (await currentText(found)).value);
    const phase = phaseUnderWay(found, current.versionId ?? "", value);
    const mode = phase === "prepare" ? phase : "new";
    return { ...base, mode, phase, newValue: async () => value, counter: nextCounter(found), newVersionId: undefined };
  }
  await strategy.check(context, current.value);
  const newValue = async () => {
    if (current.versionId !== oldVersionId && current.versionId !== undefined) {
      await context.ports.secretsManager.moveCurrent(context.fullName, { from: oldVersionId, to: current.versionId });
    }
    const value = await strategy.create(context, current.value);
    syncable(context, "create", value);
    return value;
  };
  const isWhole = current.value === undefined || context.emergency;
  const first = isWhole
    ? undefined
    : ((await phasing?.beginsWith?.(context, current.value)) ?? phasing?.of(context)[0]);
  const phase = first === "retire" ? undefined : first;
  if (phase === "activate" && phasing && (await isHeldByOthers(found, phasing, phase, run))) return undefined;
  return {
    ...base,
    oldVersionId: current.versionId,
    mode: phase === "prepare" ? phase : "new",
    phase,
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

/** Names of those that somebody else alone has written: the stack has no SecretVersion of them, and this run makes none. */
export function unwrittenOf(plans: Iterable<Pick<PlannedSecret, "context" | "mode" | "counter">>): ReadonlySet<string> {
  const found = [...plans].filter(({ mode, counter }) => mode === "follow" && counter === 0);
  return new Set(found.map(({ context }) => context.secret.name));
}

/** What the program is asked for. */
export function rotatingSecret(
  { counter, context, mode, newVersionId }: PlannedSecret,
  value: string | undefined,
): RotatingSecret {
  const reloaded = new Set(context.reloaded.keys());
  const adopted = mode === "follow" && newVersionId !== undefined ? { adopted: newVersionId } : {};
  return { version: counter, value, stages: context.emergency ? [emergencyStage] : [], reloaded, ...adopted };
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
