import type { RotationError } from "../errors";
import type { Refusal } from "../refusal";
import type { Step } from "../steps";

/** How the run ended for one secret. `unchanged`: what was to be restored is current. */
export type Outcome = "rotated" | "resumed" | "rolled back" | "restored" | "unchanged" | "backed up" | "failed";

/** The outcomes after which the secret has a new current version. */
export const renewals: readonly string[] = ["rotated", "resumed", "rolled back", "restored"] satisfies Outcome[];

export interface SecretResult {
  readonly secret: string;
  readonly strategy: string;
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
  /** Of that, the preview that the policies judge; undefined: there was none. */
  readonly policySeconds: number | undefined;
  /** Key of the object with the values that this run replaced; undefined: none was written. */
  readonly backup: string | undefined;
  readonly secrets: readonly SecretResult[];
  /** Whether the audit trail has got the run's end; undefined: the stack declares none. */
  readonly recorded?: boolean | undefined;
  /** What beside the rotation did not succeed, such as a notice or its metrics, and what to do; missing: nothing. */
  readonly warnings?: readonly string[];
}
