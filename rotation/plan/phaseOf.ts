import { placeholder, tags } from "../../infra/names";
import { type NextPhase, nextPhase, type Phase, phaseFactsIn } from "../../policies/rules/phases";
import { versionWith } from "../ports/secretsManager";
import type { Phasing } from "../rotators/protocol";
import { currentText, type Found } from "./found";

/** `recorded`: what the stack's state holds of the secret; undefined of another secret than the run is about. */
type Seen = Pick<Found, "context" | "live"> & Partial<Pick<Found, "recorded">>;

/**
 * What a secret of several phases comes to now. What its value says, or else its target, counts, whatever became of the tags;
 * these say until when it waits.
 */
export async function phaseOf(found: Seen, phasing: Phasing): Promise<NextPhase> {
  const { context } = found;
  const { done, until } = (await byValue(found, phasing)) ?? (await byTarget(found, phasing));
  const retirePending = done !== undefined && done !== "retire" && phasing.of(context).includes("retire");
  return nextPhase({ done, until, retirePending }, context.ports.clock.now());
}

interface Come {
  readonly done: Phase | undefined;
  readonly until: Date | undefined;
}

/** Undefined: the value does not say it. */
async function byValue(found: Seen, phasing: Phasing): Promise<Come | undefined> {
  const { context, live } = found;
  if (!phasing.phaseIn) return undefined;
  const { versionId, value } = await currentText(found);
  if (versionId === undefined || value === undefined) return { done: undefined, until: undefined };
  const done = phasing.phaseIn(context, value);
  if (done === undefined) return undefined;
  if (done === "retire") return { done, until: undefined };
  const said = phaseFactsIn(live.tags);
  const isStamped = said.done === done && live.tags[tags.rotatedVersion] === versionId;
  // Of one that somebody moved AWSCURRENT to, or whose tags are lost, the time begins when it was written at the earliest.
  const since = isStamped ? undefined : await context.ports.secretsManager.createdAt(context.fullName, versionId);
  const until =
    said.until && isStamped ? said.until : later(since ?? context.rotatedAt, phasing.waitSeconds(context, done));
  return { done, until };
}

async function byTarget(found: Seen, phasing: Phasing): Promise<Come> {
  const { context, live, recorded } = found;
  const { ports, fullName, rotatedAt } = context;
  const said = phaseFactsIn(live.tags);
  const previous = versionWith("AWSPREVIOUS", live);
  const value = previous && (await ports.secretsManager.value(fullName, previous));
  const hasOlder = async () => {
    const { value: pending } = await currentText(found);
    if (!value || value === placeholder || pending === undefined) return false;
    return (await phasing.hasOlder?.(context, { pending, current: value, previous: undefined })) ?? false;
  };
  // A run that was killed after AWS had its last tags, and before the stack had them, has its retirement still to settle.
  const isUnsettled = recorded?.retirePending && recorded.stampedVersion === live.tags[tags.rotatedVersion];
  const isPending = said.retirePending || isUnsettled || (await hasOlder());
  const until = said.until ?? later(rotatedAt, phasing.waitSeconds(context, "activate"));
  return { done: isPending ? "activate" : undefined, until };
}

function later(at: Date | undefined, seconds: number): Date | undefined {
  return at && new Date(at.getTime() + seconds * 1000);
}
