import type { Overlap } from "../protocol";
import type { RotatorSteps } from "./steps";

/** What the steps of a kind of one's own are driven by. */
export interface OwnKind {
  /** What the target accepts meanwhile: see `Overlap`. */
  readonly overlap: Exclude<Overlap, "alternating">;
  /** Of its credential. */
  readonly properties: readonly string[];
  readonly steps: RotatorSteps;
  /** `two-live`: whether the new credential is known to all before it is used (order `secondary-first`); left out: never. */
  secondaryFirst?(parameters: unknown): boolean;
  /** `two-live`: how long the older credential stays valid at least, in seconds. */
  gracePeriod(parameters: unknown): number;
  /** `two-live`: for how long the older credential has not been used when it is revoked, in seconds. */
  unusedFor(parameters: unknown): number;
}
