import type { Phase } from "../../policies/rules/phases";
import type { RotationStrategy, StrategyContext } from "../rotators/protocol";

/** What one run does to one secret. */
export interface PlannedSecret {
  readonly context: StrategyContext;
  readonly strategy: RotationStrategy;
  /**
   * `resume`: an interrupted rotation is finished first, with the value it had. `new`: of several phases it is `activate`. `follow`:
   * AWS has written the version, and the run brings it to the consumers.
   */
  readonly mode: "new" | "resume" | "rollback" | "restore" | "prepare" | "retire" | "follow";
  /**
   * The one of several phases that the run does; undefined: it makes a new credential of the whole. By `prepare` and `retire`
   * consumers get none, so that the secret stays as old as it is.
   */
  readonly phase?: Phase | undefined;
  /** Makes the value to write; undefined: it is written already. */
  readonly newValue: (() => Promise<string>) | undefined;
  /** The counter that the update passes to the program. */
  readonly counter: number;
  /** Version id that carries AWSCURRENT before the run. */
  readonly oldVersionId: string | undefined;
  /** Version id of a resumed rotation; a new one gets its id when it is written. */
  readonly newVersionId: string | undefined;
  /** `follow`: when AWS wrote it. */
  readonly writtenAt?: Date | undefined;
}
