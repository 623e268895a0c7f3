import type { ResourceHookArgs } from "@pulumi/pulumi";
import type { Known } from "./known";
import type { StackOutputs } from "./stackOutputs";
import type { SettledSecret } from "./stamp";

/** What the driver asks of the program in one update. A plain `pulumi up` asks for nothing: every secret is frozen. */
export interface Rotation {
  /** By name: the secrets whose version this update may change. */
  readonly rotating: ReadonlyMap<string, RotatingSecret>;
  /** By name: what the settling update stamps on the Secret. */
  readonly settled: ReadonlyMap<string, SettledSecret>;
  /**
   * What the stack's state has got by rotations before this one; undefined: it is
   * a plain `pulumi up`, which asks the stack's state and AWS.
   */
  readonly known: Known | undefined;
  /** What the program declares; undefined: the whole stack. */
  readonly part: Part | undefined;
  /** ISO 8601 time that a new Secret gets as its created-at tag. */
  readonly now: string;
  /** Before a version is written: waits for its turn, as AWS takes only so many writes a second, and few secrets are under way at once. */
  write(secret: string): Promise<void>;
  /** Before an ExternalSecret is told of the new version: set, test, finish. Throwing stops everything downstream. */
  prove(secret: string, args: ResourceHookArgs): Promise<void>;
  /** Before a workload is restarted: its Kubernetes Secrets really hold the new versions. */
  synced(secrets: readonly string[], args: ResourceHookArgs): Promise<void>;
}

/**
 * A part of the stack, for an update with targets: the engine keeps what is neither a target, nor declared, nor depends on a
 * target. The stack's outputs are what the program returns, so those of the other secrets are handed in.
 */
export interface Part {
  /** Names of the declared secrets: those that the update is about, and what shares a workload with one of them. */
  readonly secrets: ReadonlySet<string>;
  /** Names of the workloads that take those that the update is about. */
  readonly workloads: ReadonlySet<string>;
  /** The outputs of the secrets that are not declared. */
  readonly others: StackOutputs["secrets"];
}

export interface RotatingSecret {
  /** The counter in the stack's state; another number writes a new version. */
  readonly version: number;
  /** The new value; undefined resumes the version that is recorded already. */
  readonly value: string | undefined;
  /** Id of a version that somebody else has written: this update writes none, and brings that one to the workloads. */
  readonly adopted?: string;
  /** Staging labels that the new version gets beside AWSPENDING. */
  readonly stages: readonly string[];
  /** Names of its consumers (see workloadName) that Reloader restarts: this update does not. */
  readonly reloaded: ReadonlySet<string>;
}

/** Whether this update restarts a workload for a secret. */
export function restarts(rotation: Pick<Rotation, "rotating">, secret: string, workload: string): boolean {
  const rotating = rotation.rotating.get(secret);
  return rotating !== undefined && !rotating.reloaded.has(workload);
}

export function noRotation(now: string): Rotation {
  const refuse = () => Promise.reject(new Error("a frozen secret has no gates"));
  return {
    rotating: new Map(),
    settled: new Map(),
    known: undefined,
    part: undefined,
    now,
    write: refuse,
    prove: refuse,
    synced: refuse,
  };
}
