import { endOfWait, type LaterPhase, nextPhase, phaseFactsIn } from "../../policies/rules/phases";
import { frozenText, isOpen, type NextRotation, type Schedule } from "../schedule/nextRotation";

/** What a secret comes to next, of those that are rotated in several phases. */
export interface PhaseStatus {
  readonly next: LaterPhase;
  /** Not before this; ISO 8601; missing: now. */
  readonly from?: string;
  /** Whether a run may do it now. */
  readonly isReady: boolean;
  /** Where it is ready: since when; ISO 8601; missing: no tag says it. */
  readonly since?: string;
  /** Where it is ready: what to do. */
  readonly hint?: string;
}

/**
 * @param tags  of the Secret
 * @param command  the one that rotates it
 * @returns undefined: nothing more comes until its next rotation
 */
export function phaseStatus(
  tags: Readonly<Record<string, string>>,
  now: Date,
  command: string,
): PhaseStatus | undefined {
  const next = nextPhase(phaseFactsIn(tags), now);
  if (next.state === "none") return undefined;
  const { phase, state } = next;
  if (state === "waiting") return { next: phase, isReady: false, from: next.until.toISOString() };
  const since = endOfWait(tags);
  const hint = `${command} does it, or says what holds it up`;
  return { next: phase, isReady: true, ...(since && { since: since.toISOString() }), hint };
}

/** What could have been done by now, as the beginning of a sentence; undefined: nothing could. */
export function readyText({ next, isReady }: PhaseStatus): string | undefined {
  return isReady ? couldBe[next] : undefined;
}

const couldBe: Readonly<Record<LaterPhase, string>> = {
  activate: "the new credential is known everywhere, and could be in use",
  retire: "the older credential may still be valid, and could be retired",
};

const what: Readonly<Record<LaterPhase, string>> = {
  activate: "consumers get the new credential",
  retire: "the older credential is retired",
};

/** When a scheduled run does it. Undefined: no window opens any more. */
export function nextPhaseRun({ next, from }: PhaseStatus, { calendar, now }: Schedule): NextRotation | undefined {
  const earliest = from === undefined ? now : new Date(from);
  const freeze = calendar.freezeAt(earliest);
  const after = freeze?.to ?? earliest;
  const at = isOpen(calendar, after) ? after : calendar.nextRun(after);
  if (!at) return undefined;
  return { at: at.toISOString(), why: [what[next], ...(freeze ? [frozenText(freeze)] : [])].join("; ") };
}

/** Of two runs the one that comes first. */
export function earlier(one: NextRotation | undefined, other: NextRotation | undefined): NextRotation | undefined {
  if (!one || !other) return one ?? other;
  return other.at < one.at ? other : one;
}
