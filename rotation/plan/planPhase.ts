import { tags } from "../../infra/names";
import { type LaterPhase, type Phase, phaseFactsIn, phases } from "../../policies/rules/phases";
import { versionWith } from "../ports/secretsManager";
import { syncable } from "../rotators/common/expectedData";
import { failure, type Phasing } from "../rotators/protocol";
import { readValues } from "../rotators/readValues";
import { currentText, type Found, nextCounter } from "./found";
import type { PlannedSecret } from "./plannedSecret";
import { isHeldByOthers, type StackRun } from "./together";

/** Whether a rotation that is under way is to begin with an earlier phase again, as what it prepared for has changed. */
export async function beginsAnew(found: Found, phasing: Phasing, next: LaterPhase): Promise<boolean> {
  const first = await phasing.beginsWith?.(found.context, (await currentText(found)).value);
  return first !== undefined && phases.indexOf(first) < phases.indexOf(next);
}

/**
 * Plans a later phase. One that has a value of its own writes it as a new version. In any other one the update writes nothing,
 * all consumers are seen to run with the current version once more, and what was valid before is revoked and proven to be refused.
 *
 * @returns undefined: it has to wait, and why is told
 * @throws {LABEL_CONFLICT} when the current version is not the one that the stack has brought to the consumers
 */
export async function planPhase(
  found: Found,
  phasing: Phasing,
  phase: LaterPhase,
  run?: StackRun,
): Promise<PlannedSecret | undefined> {
  const { context, strategy, live, recorded } = found;
  const oldVersionId = versionWith("AWSCURRENT", live);
  const advance = phasing.advance[phase];
  const isRecorded = recorded.version?.id === oldVersionId;
  // A pending version that no run can bring through does not matter where another one is written.
  const isStamped = advance !== undefined && live.tags[tags.rotatedVersion] === oldVersionId;
  if (oldVersionId === undefined || !recorded.version || (!isRecorded && !isStamped)) {
    const message = `AWSCURRENT is ${oldVersionId ?? "on no version"}, and the stack's is ${recorded.version?.id ?? "none"}: someone else moved it`;
    const hint = `move it back, or run npm run rotation -- rollback ${context.secret.name}; nothing is ${done[phase]} until then`;
    throw failure(context, "check", "LABEL_CONFLICT", message, { hint });
  }
  const { values } = await readValues(context, oldVersionId, "check");
  const against = await phasing.heldUpBy?.(context, phase, values);
  if (against !== undefined) {
    context.findings.warn(against);
    return undefined;
  }
  if (await isHeldByOthers(found, phasing, phase, run)) return undefined;
  const base = { context, strategy, oldVersionId, phase };
  if (!advance) {
    const { counter } = recorded.version;
    return { ...base, mode: "retire", newValue: undefined, counter, newVersionId: oldVersionId };
  }
  const newValue = async () => {
    const value = await advance(context, values.pending);
    syncable(context, "create", value);
    return value;
  };
  const mode = phase === "retire" ? "retire" : "new";
  return { ...base, mode, newValue, counter: nextCounter(found), newVersionId: undefined };
}

const done = { activate: "activated", retire: "retired" } as const satisfies Record<LaterPhase, string>;

const waiting = {
  activate: "the next credential is known everywhere, and is used from",
  retire: "the older credential stays valid until",
} as const satisfies Record<LaterPhase, string>;

/** Why a run has nothing to do yet. */
export function waitingText(phase: LaterPhase, until: Date): string {
  return `${waiting[phase]} ${until.toISOString()}${phase === "retire" ? ", and is retired after that" : " on"}`;
}

/** The phase that a version does which is under way; undefined: no single one. */
export function phaseUnderWay({ context, strategy, live }: Found, versionId: string, value: string): Phase | undefined {
  const phase = context.emergency ? undefined : strategy.phasing?.phaseIn?.(context, value);
  if (phase !== "retire") return phase;
  // A first value, and one that somebody went back to, have nothing older in them either.
  const said = phaseFactsIn(live.tags);
  const wasActivated = said.done === "activate" && said.retirePending;
  return wasActivated || live.tags[tags.rotatedVersion] === versionId ? "retire" : undefined;
}
