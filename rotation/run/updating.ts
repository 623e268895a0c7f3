import type { Run } from "../gates/run";
import type { Interruption } from "../interruption";
import type { Observer } from "../observer";
import type { Ports } from "../ports";
import type { OpenStack } from "../stack/openStack";
import type { RecordedStack } from "../stack/recordedStack";
import type { Endings } from "./endings";

/** What the updates of one run have in common. */
export interface Updating {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly run: Run;
  readonly runId: string;
  readonly observer: Observer;
  readonly interruption: Interruption;
  /** What the stack's state held before this run. */
  readonly recorded: RecordedStack;
  readonly now: string;
  readonly lockTimeoutSeconds: number | undefined;
  readonly endings: Endings;
  /** Secrets that are under way at once; undefined: all, in one update. */
  readonly parallel: number | undefined;
  /** Secrets of one update that are under way at once, from their version to the restart of their workloads; default 20. */
  readonly atOnce?: number | undefined;
  /** Whether versions are written by an update of their own; default: where that costs less. */
  readonly versionsFirst?: boolean | undefined;
}
