import type { RunAudit } from "../audit/runAudit";
import type { Interruption } from "../interruption";
import type { RunMetrics } from "../metrics/runMetrics";
import type { Notices } from "../notify/notices";
import type { Observer } from "../observer";
import type { PlanRequest } from "../plan/planRequest";
import type { PolicyPack } from "../policy/packConfig";
import type { RecordedStack } from "../stack/recordedStack";

/** What a run is asked for. */
export interface RotateRequest extends PlanRequest {
  readonly observer: Observer;
  readonly interruption: Interruption;
  /** What the stack's state holds, where it was asked for a moment ago; undefined: the run asks. */
  readonly recorded?: RecordedStack | undefined;
  /** What a rotation has to satisfy before anything is touched; undefined: nothing. */
  readonly pack: PolicyPack | undefined;
  /** Secrets that are under way at once; more of them go in waves; undefined: all, in one update. */
  readonly parallel?: number | undefined;
  /** Secrets of one update that are under way at once, from their version to the restart of their workloads; default 20. */
  readonly atOnce?: number | undefined;
  /** Whether versions are written by an update of their own; default: where that costs less. */
  readonly versionsFirst?: boolean | undefined;
  /** How long to wait where somebody else gets the stack between two updates of this run; default: five minutes. */
  readonly lockTimeoutSeconds?: number | undefined;
  /** Puts the run on record; undefined: nothing does. */
  readonly audit?: RunAudit | undefined;
  /** Tells of the run's end; undefined: nobody is to be told. */
  readonly notices?: Notices | undefined;
  /** Tells its metrics; undefined: nothing does. */
  readonly metrics?: RunMetrics | undefined;
}
