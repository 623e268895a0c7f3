import type { Step } from "../../rotation/steps";

/** Who is killed: the driver, or the engine that it has started, which leaves the driver to say so. */
export type Victim = "driver" | "engine";

/**
 * How all secrets are held at one moment of their way, so that one kill hits every strategy there:
 * `mark`: the driver says for the last of them that a step starts or ends, and freezes, before anything of the next is done;
 * `call`: a call of the driver's ports is held, before it goes out or when it was answered; `postgres.commit` is a session
 * in which something was committed;
 * `aws`, `kubernetes`: a request of Pulumi's providers is held by a proxy, before it goes out or when it was answered;
 * `issuer`: a request of the driver to the issuer of an API key, by its method, likewise.
 */
export type Held =
  | { readonly mark: "started" | "ended" }
  | { readonly call: string; readonly when: When }
  | { readonly aws: string; readonly when: When }
  | { readonly issuer: "POST" | "DELETE"; readonly when: When }
  | { readonly kubernetes: "externalsecrets" | "deployments"; readonly when: When; readonly untilPodReady?: true };
export type When = "before" | "after";

/** A moment at which a run is killed. */
export interface Point {
  readonly step: Step;
  /** What was done last. */
  readonly name: string;
  readonly held: Held;
  /** The driver alone: the engine does not run then. */
  readonly driverOnly?: true;
  /** The run has done everything: the same command again would be the next rotation. */
  readonly done?: true;
}

/** Every step from its begin to its end; a step's end is the next one's begin, if nothing stands between them. */
export const points: readonly Point[] = Object.freeze([
  { step: "check", name: "begins", held: { mark: "started" }, driverOnly: true },
  { step: "check", name: "has passed", held: { mark: "ended" }, driverOnly: true },
  { step: "create", name: "begins", held: { aws: "PutSecretValue", when: "before" } },
  { step: "create", name: "is written, not recorded", held: { aws: "PutSecretValue", when: "after" } },
  { step: "set", name: "begins", held: { call: "secretsManager.value", when: "before" } },
  { step: "set", name: "is committed, not answered", held: { call: "postgres.commit", when: "after" } },
  { step: "test", name: "begins", held: { call: "postgres.accepts", when: "before" } },
  { step: "test", name: "has probed", held: { call: "postgres.as", when: "after" } },
  { step: "finish", name: "begins", held: { call: "secretsManager.moveCurrent", when: "before" } },
  { step: "finish", name: "has moved, not answered", held: { call: "secretsManager.moveCurrent", when: "after" } },
  { step: "sync", name: "begins", held: { kubernetes: "externalsecrets", when: "before" } },
  { step: "sync", name: "is told, not recorded", held: { kubernetes: "externalsecrets", when: "after" } },
  { step: "sync", name: "waits in its gate", held: { call: "kubernetes.secret", when: "before" } },
  { step: "rollout", name: "begins", held: { kubernetes: "deployments", when: "before" } },
  {
    step: "rollout",
    name: "has a first new pod",
    held: { kubernetes: "deployments", when: "after", untilPodReady: true },
  },
  { step: "verify", name: "begins", held: { mark: "started" }, driverOnly: true },
  { step: "verify", name: "looks", held: { call: "kubernetes.workload", when: "after" }, driverOnly: true },
  { step: "settle", name: "begins", held: { mark: "started" }, driverOnly: true },
  { step: "settle", name: "has stamped, not recorded", held: { aws: "TagResource", when: "after" } },
  { step: "settle", name: "has ended", held: { mark: "ended" }, driverOnly: true, done: true },
]);

/** The victims that there are at a point. */
export function victimsAt({ driverOnly }: Point): readonly Victim[] {
  return driverOnly ? ["driver"] : ["driver", "engine"];
}
