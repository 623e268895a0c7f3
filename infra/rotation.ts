import type { ResourceHookArgs } from "@pulumi/pulumi";
import type { Known } from "./known";

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
  /** ISO 8601 time that a new Secret gets as its created-at tag. */
  readonly now: string;
  /** Before an ExternalSecret is told of the new version: set, test, finish. Throwing stops everything downstream. */
  prove(secret: string, args: ResourceHookArgs): Promise<void>;
  /** Before a workload is restarted: its Kubernetes Secrets really hold the new versions. */
  synced(secrets: readonly string[], args: ResourceHookArgs): Promise<void>;
}

export interface RotatingSecret {
  /** The counter in the stack's state; another number writes a new version. */
  readonly version: number;
  /** The new value; undefined resumes the version that is recorded already. */
  readonly value: string | undefined;
  /** Staging labels that the new version gets beside AWSPENDING. */
  readonly stages: readonly string[];
}

export interface SettledSecret {
  readonly rotatedAt: string;
  readonly rotatedVersion: string;
  readonly rotatedBy: string;
}

export function noRotation(now: string): Rotation {
  const refuse = () => Promise.reject(new Error("a frozen secret has no gates"));
  return {
    rotating: new Map(),
    settled: new Map(),
    known: undefined,
    now,
    prove: refuse,
    synced: refuse,
  };
}
