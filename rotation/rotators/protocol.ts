import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { LaterPhase, Phase } from "../../policies/rules/phases";
import { type ErrorCode, RotationError } from "../errors";
import type { Findings } from "../findings";
import type { Ports } from "../ports";
import type { Step } from "../steps";

/** What every function of a strategy is handed. */
export interface StrategyContext {
  readonly secret: SecretDeclaration;
  /** Of the stack. */
  readonly environment: string;
  /** Name in Secrets Manager. */
  readonly fullName: string;
  /** Of the Secret in Secrets Manager, with the six characters that AWS appends to its name. */
  readonly arn: string;
  readonly ports: Ports;
  /** When the last rotation went through all gates; undefined: never. */
  readonly rotatedAt: Date | undefined;
  /** Whatever was valid before is taken for compromised: no grace, and it is refused when the rotation ends. */
  readonly emergency: boolean;
  /** By the name of each consumer that Reloader restarts (see workloadName): how that is known. The driver restarts the others. */
  readonly reloaded: ReadonlyMap<string, string>;
  /** Names of consumers (see workloadName) that run with the version already: nobody restarts them. Missing: none are known. */
  readonly upToDate?: ReadonlySet<string>;
  /** Where a check notes what it has found and does not refuse. */
  readonly findings: Findings;
}

/** The values of the versions that a rotation is about. */
export interface Values {
  /** The new one. It may be AWSCURRENT already, when an interrupted rotation goes on. */
  readonly pending: string;
  /** The one that the new one takes over from. */
  readonly current: string | undefined;
  /** The one before that. */
  readonly previous: string | undefined;
}

/**
 * What a target system accepts meanwhile. `one-live`: exactly one credential, so that from `set` on it refuses the one that
 * services have. `alternating`: two principals in turn. `two-live`: the issuer keeps two until one is revoked. `expiring`:
 * each is valid by itself until it expires. `consumers-only`: nothing outside has to accept it.
 */
export type Overlap = "one-live" | "alternating" | "two-live" | "expiring" | "consumers-only";

/**
 * Of a kind whose rotation takes several runs, each of which does one phase and goes through all gates. A first value, and an
 * emergency, go through all phases at once: `create` makes a value at which nothing older is left.
 *
 * @see ../../policies/rules/phases.ts for what the phases mean, and README.md for how a kind uses them
 */
export interface Phasing {
  /** Those of one rotation, in their order. `create` makes the value of the first one. */
  of(context: StrategyContext): readonly Phase[];
  /**
   * The phase that a rotation begins with, where that is not always the first one: `retire` where it needs no others, as `create`
   * then makes a value at which nothing older is left. Left out: the first one. One that is under way begins anew where this is
   * an earlier phase than that which it comes to.
   *
   * @param current  undefined: there is no value yet
   */
  beginsWith?(context: StrategyContext, current: string | undefined): Promise<Phase>;
  /** How long the phase after this one waits at least, in seconds. */
  waitSeconds(context: StrategyContext, done: Phase): number;
  /**
   * What a value has come to; `retire`: nothing older is left in it. Does no I/O. Undefined, or left out: a value does not show
   * it, so that `activate` is done by whatever was written, and an older credential is what `hasOlder` says.
   */
  phaseIn?(context: StrategyContext, value: string): Phase | undefined;
  /** Whether the target accepts a credential of `values.current` that is not in `pending` any more, which is current now. */
  hasOlder?(context: StrategyContext, values: Values): Promise<boolean>;
  /**
   * The value of a later phase, from the current one. Writes nothing. A phase that is left out writes no version: consumers
   * are seen to run with the current one, and the strategy's `retire` does the rest.
   */
  readonly advance: Partial<Record<LaterPhase, (context: StrategyContext, current: string) => Promise<string>>>;
  /**
   * Why a phase whose time has come is not to be done yet, as a sentence that says what to do; undefined: nothing is against it.
   *
   * @param values  `pending` is what is current now
   */
  heldUpBy?(context: StrategyContext, phase: LaterPhase, values: Values): Promise<string | undefined>;
  /** Left out: each secret goes through its phases by itself. */
  readonly together?: Together;
}

/** Secrets of one kind in a stack of which none comes to a later phase before all are ready for it. */
export interface Together {
  /** What they share, for the message too, e.g. the secret of their CA; undefined: this one goes by itself. */
  sharedBy(context: Pick<StrategyContext, "secret">): string | undefined;
  /** Whether a secret with this current value is ready for others to come to the phase. */
  isReadyFor(context: StrategyContext, phase: LaterPhase, current: string): Promise<boolean>;
}

/** How a target system that accepts one credential stands after a rotation that has failed. */
export interface Standing {
  /** Whether it accepts the current credential, seen a moment ago. */
  readonly acceptsCurrent: boolean;
  /** What was done and seen, as a part of the error's message. */
  readonly text: string;
}

/**
 * How one kind of secret gets a new value: the protocol of AWS's rotation functions, without its fourth step (finish is
 * the same for all, see gates/prove). Each function is idempotent per version: a rotation that was killed repeats it.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export interface RotationStrategy {
  readonly overlap: Overlap;
  /** Left out: a rotation is one run, and nothing is retired but in an emergency. */
  readonly phasing?: Phasing;
  /** Refuses what can be known to fail before anything is written. */
  check(context: StrategyContext, current: string | undefined): Promise<void>;
  /** The new value, from the current one. Writes nothing. */
  create(context: StrategyContext, current: string | undefined): Promise<string>;
  /**
   * The value that brings an older one back, given what is current. Writes nothing.
   *
   * @throws {RETIRED} when the older credential is gone for good at its target
   */
  rollBack(context: StrategyContext, to: string, current: string | undefined): Promise<string>;
  /**
   * The value that brings one from a backup back, given what is current, where that may take setting it at the target once
   * more. Refuses what can be known to fail then. Writes nothing.
   *
   * @returns undefined: it is in use already
   */
  restore(context: StrategyContext, from: string, current: string | undefined): Promise<string | undefined>;
  /**
   * Makes the target system accept the pending value.
   *
   * @returns in an emergency, where sessions can outlive their credential: a time by the target's own clock, as it writes
   *   it, after which no session was begun with an older value
   */
  set(context: StrategyContext, values: Values): Promise<string | undefined>;
  /**
   * Of `one-live`: has the target accept the current value again, where it does not, and proves that. Never throws: what
   * fails is told.
   */
  setBack?(context: StrategyContext, values: Values): Promise<Standing>;
  /** Runs a secret's `set` to `finish` while no other secret of the run needs what it changes; undefined: none can. */
  isolated?<T>(context: StrategyContext, work: () => Promise<T>): Promise<T>;
  /** What is wrong with a new value whatever its target says, so that no run can ever bring it through. Does no I/O. */
  flaw(context: StrategyContext, values: Values): Flaw | undefined;
  /**
   * Whether a new value has what is in the current one and not the rotation's; false: somebody has changed that since it
   * was made. Does no I/O. Left out: there is nothing else in such a value, or the target lives by the new one already.
   */
  keeps?(context: StrategyContext, values: Values): boolean;
  /** Proves that the pending value works. */
  test(context: StrategyContext, values: Values): Promise<void>;
  /**
   * Takes from the target system whatever was valid before the pending value, with the sessions that were begun with it,
   * and proves that it is refused.
   *
   * @param setAt  what `set` returned; undefined: it was set by an earlier run
   * @returns the proof, as a sentence for the audit trail: who refuses what; undefined: there is nothing that could be asked
   * @throws {NOT_RETIRED} when it is not refused
   */
  retire(context: StrategyContext, values: Values, setAt: string | undefined): Promise<string | undefined>;
  /** When a value expires; undefined: never. Left out: no value of it does. Does no I/O. */
  notAfter?(context: StrategyContext, value: string): Date | undefined;
  /** From when on a value is to be renewed, where that follows from how long it is valid. Left out: it does not. */
  renewFrom?(context: StrategyContext, value: string): Promise<Date | undefined>;
  /**
   * Proves, when the consumers run with a value, that they serve with it. Left out: nothing can be seen from outside.
   *
   * @throws {CREDENTIAL_REFUSED} when they do not in time
   */
  served?(context: StrategyContext, value: string): Promise<void>;
  /** What an emergency rotation stops from working, as sentences for whoever decides about it. */
  breaks(context: StrategyContext): Promise<readonly string[]>;
  /** Whether the target system accepts a value already; false where there is no target system. */
  accepts(context: StrategyContext, value: string): Promise<boolean>;
}

export interface Flaw {
  readonly code: "VALUE_UNCHANGED" | "SECRET_MALFORMED";
  /** For the message. */
  readonly what: string;
}

/** @throws {RotationError} with the flaw's code, when the strategy finds one */
export function flawless(
  strategy: Pick<RotationStrategy, "flaw">,
  context: StrategyContext,
  step: Step,
  values: Values,
): void {
  const flaw = strategy.flaw(context, values);
  if (flaw) throw failure(context, step, flaw.code, flaw.what, { hint: "rotate it: that makes a new value" });
}

/** A RotationError of this context's secret. */
export function failure(
  { secret }: Pick<StrategyContext, "secret">,
  step: Step,
  code: ErrorCode,
  message: string,
  more?: ConstructorParameters<typeof RotationError>[3],
): RotationError {
  return new RotationError(code, { secret: secret.name, step }, message, more);
}
