import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { RunAudit } from "../audit/runAudit";
import type { OpenedBackup } from "../backup/openBackup";
import type { RunMetrics } from "../metrics/runMetrics";
import type { Notices } from "../notify/notices";
import type { PolicyPack } from "../policy/packConfig";
import type { Ports } from "../ports";
import type { OpenStack } from "../stack/openStack";
import type { RecordedStack } from "../stack/recordedStack";
import type { Interruption } from "./interruption";
import type { Observer } from "./observer";

/** What a run is asked for. */
export interface RotateRequest {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly secrets: readonly SecretDeclaration[];
  readonly observer: Observer;
  readonly interruption: Interruption;
  /** Go back to an older version (undefined: the one before) in place of making a new value. */
  readonly rollback?: { readonly to: string | undefined };
  /** Bring the values of this backup back in place of making new ones. */
  readonly restore?: OpenedBackup;
  /** What is valid now is compromised: the new values get no grace period, and everything older is retired. */
  readonly emergency?: boolean;
  /** Undeclared workloads that may be left with a credential that is refused then. */
  readonly leaveBehind?: readonly string[];
  /** What the stack's state holds, where it was asked for a moment ago; undefined: the run asks. */
  readonly recorded?: RecordedStack | undefined;
  /** What a rotation has to satisfy before anything is touched; undefined: nothing. */
  readonly pack: PolicyPack | undefined;
  /** How long to wait where somebody else gets the stack between two updates of this run; default: five minutes. */
  readonly lockTimeoutSeconds?: number | undefined;
  /** Puts the run on record; undefined: nothing does. */
  readonly audit?: RunAudit | undefined;
  /** Tells of the run's end; undefined: nobody is to be told. */
  readonly notices?: Notices | undefined;
  /** Tells its metrics; undefined: nothing does. */
  readonly metrics?: RunMetrics | undefined;
}
