import type { RotationError } from "./errors";
import type { Refusal } from "./refusal";
import type { Step } from "./steps";

/**
 * How the run ended for one secret. `prepared`: the next credential is known everywhere, and not used yet; `retired`: what an
 * earlier rotation has replaced counts no more; `followed`: AWS had rotated it, and its consumers run with that; `unchanged`: what
 * was to be restored is current, or the next phase has to wait; `recorded`: somebody has rotated it by hand;
 * `migrated`: AWS rotates it from now on, or the driver does again.
 */
export type Outcome =
  | "rotated"
  | "resumed"
  | "rolled back"
  | "restored"
  | "prepared"
  | "retired"
  | "followed"
  | "unchanged"
  | "recorded"
  | "migrated"
  | "backed up"
  | "failed";

/** The outcomes after which the secret has a new current version. */
export const renewals: readonly string[] = [
  "rotated",
  "resumed",
  "rolled back",
  "restored",
  "followed",
  "recorded",
] satisfies Outcome[];

/** Those by which a rotation of several phases has come further, and consumers got no new credential. */
export const otherPhases: readonly string[] = ["prepared", "retired"] satisfies Outcome[];

export interface SecretResult {
  readonly secret: string;
  readonly strategy: string;
  /** Of a migration: the strategy before. */
  readonly fromStrategy?: string;
  /** Whether everything older was retired too, or is to be by the run that goes on. */
  readonly emergency: boolean;
  readonly outcome: Outcome;
  readonly oldVersionId: string | undefined;
  readonly newVersionId: string | undefined;
  /** Seconds by step, of those that were begun. */
  readonly seconds: Readonly<Partial<Record<Step, number>>>;
  /** By step, when it first began: seconds from the start of the run. */
  readonly starts?: Readonly<Partial<Record<Step, number>>>;
  /** What an emergency has proven to be refused; undefined: it was none, or there is no target that could be asked. */
  readonly refused?: Refusal | undefined;
  readonly error: RotationError | undefined;
  /** What its check found and did not refuse. */
  readonly warnings: readonly string[];
}

export interface RunResult {
  readonly runId: string;
  readonly stack: string;
  readonly startedAt: string;
  /** Of the whole run, from the start of the command. */
  readonly seconds: number;
  /** Of that, what was waited for the policies when the checks had ended; undefined: there was none. */
  readonly policySeconds: number | undefined;
  /** Key of the object with the values that this run replaced; undefined: none was written. */
  readonly backup: string | undefined;
  readonly secrets: readonly SecretResult[];
  /** Whether the audit trail has got the run's end; undefined: the stack declares none. */
  readonly recorded?: boolean | undefined;
  /** What beside the rotation did not succeed, such as a notice or its metrics, and what to do; missing: nothing. */
  readonly warnings?: readonly string[];
}
