import type { AwsKind } from "../../infra/config/consumerKind";
import type { ConsumerPorts } from "./awsPorts";
import type { HeldBack } from "./kubernetesKind";

/** By the name of a mark, which is that of the annotation in Kubernetes: the version id that a consumer is to run with. */
export type Marks = ReadonlyMap<string, string>;

/** A kind of consumer in AWS: its declaration, and how one is restarted, and judged. */
export interface DrivenAwsKind extends AwsKind {
  /** Undefined: there is no such thing. */
  look(fields: unknown, ports: ConsumerPorts, marks: Marks): Promise<AwsState | undefined>;
  /**
   * Takes the next step towards what runs with these versions, where `look` has said that it has not begun and waits for nothing. It
   * leaves the marks on the object, so that a run that goes on after a kill restarts nothing once more.
   */
  restart(fields: unknown, ports: ConsumerPorts, marks: Marks): Promise<void>;
}

/** Where a consumer stands. */
export interface AwsState {
  /** Why it cannot be restarted; undefined: it can. */
  readonly heldBack?: HeldBack | undefined;
  /** Whether a restart with these marks, or a later one, has begun. */
  readonly isBegun: boolean;
  /** What is still missing until all of it runs with them; undefined: nothing. */
  readonly waitsFor?: string | undefined;
  /** Why the restart has ended without success; undefined: it has not. */
  readonly failed?: string | undefined;
  /** Seconds for which what began before may go on after the restart. */
  readonly drainSeconds: number;
  /** When the restart was done, where the object says that. */
  readonly begunAt?: Date;
}
