import { tags } from "./names";
import { parseInstant } from "./utcDays";

/**
 * What a kind of secret moves through at most: the new credential is accepted or known everywhere, and not used yet
 * (prepare); consumers use it (activate); the older one is refused (retire). Most kinds have activate alone.
 */
export const phases = ["prepare", "activate", "retire"] as const;
export type Phase = (typeof phases)[number];
/** Those that a rotation does not begin with. */
export type LaterPhase = Exclude<Phase, "prepare">;

/** What is known of a secret between two phases. */
export interface PhaseFacts {
  /** The one that was done last; undefined: none, or the kind has but one. */
  readonly done: Phase | undefined;
  /** The next one waits until then; undefined: for nothing. */
  readonly until: Date | undefined;
  /** Whether an older credential is to be retired. */
  readonly retirePending: boolean;
}

/** What a secret comes to next; `none`: nothing, until it is rotated again. */
export type NextPhase =
  | { readonly state: "none" }
  | { readonly state: "waiting"; readonly phase: LaterPhase; readonly until: Date }
  | { readonly state: "ready"; readonly phase: LaterPhase };

/** The machine: from what was done to what comes next, and whether it may come now. */
export function nextPhase({ done, until, retirePending }: PhaseFacts, now: Date): NextPhase {
  const phase = done === "prepare" ? "activate" : done === "activate" && retirePending ? "retire" : undefined;
  if (phase === undefined) return { state: "none" };
  return until !== undefined && until > now ? { state: "waiting", phase, until } : { state: "ready", phase };
}

/**
 * What is known after a phase was done.
 *
 * @param ofKind  the kind's phases, in their order
 * @param waitSeconds  how long the next one waits at least
 */
export function factsAfter(done: Phase, ofKind: readonly Phase[], waitSeconds: number, now: Date): PhaseFacts {
  const hasNext = ofKind.indexOf(done) < ofKind.length - 1;
  return {
    done,
    until: hasNext ? new Date(now.getTime() + waitSeconds * 1000) : undefined,
    retirePending: ofKind.includes("retire") && done !== "retire",
  };
}

/** As settling stamps it on the Secret, for whoever reads no values. */
export function tagsOfPhase({ done, until, retirePending }: PhaseFacts): Record<string, string> {
  return {
    ...(done && { [tags.phase]: done }),
    ...(until && { [tags.phaseUntil]: until.toISOString() }),
    ...(retirePending && { [tags.retirePending]: "true" }),
  };
}

/** When the wait for the next phase ends, or has ended: where no tag says it, with the rotation itself. */
export function endOfWait(of: Readonly<Record<string, string>>): Date | undefined {
  return phaseFactsIn(of).until ?? parseInstant(of[tags.rotatedAt] ?? "");
}

/** What the tags say. A time that cannot be read holds up nothing. */
export function phaseFactsIn(of: Readonly<Record<string, string>>): PhaseFacts {
  return {
    done: phases.find((phase) => phase === of[tags.phase]),
    until: parseInstant(of[tags.phaseUntil] ?? ""),
    retirePending: of[tags.retirePending] === "true",
  };
}
