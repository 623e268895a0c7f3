import { kubernetesKind } from "../consumers";
import type { HeldBack } from "../consumers/kubernetesKind";
import type { WorkloadObject } from "../consumers/workloadObject";
import { type ReloaderView, reloaderView } from "./reloaderView";

export interface Workload {
  /** Of the pod template. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What is still missing until every replica is of the newest template and available; undefined: nothing. */
  readonly waitsFor: string | undefined;
  /** Why its rollout has ended without success; undefined: it has not, as far as its controller tells. */
  readonly failed: string | undefined;
  /** Why a restart leaves it without any pod for a while, in this state of it; undefined: it does not. */
  readonly downtime: string | undefined;
  /** Why a new template does not come into all of its pods by itself; undefined: it does. */
  readonly heldBack: HeldBack | undefined;
  readonly reloader: ReloaderView;
}

/** Where a workload stands, as its kind judges it. */
export function workloadState(kind: string, found: WorkloadObject): Workload {
  const judge = kubernetesKind(kind);
  const template = judge.template(found);
  return {
    annotations: template?.metadata?.annotations ?? {},
    waitsFor: judge.waitsFor(found),
    failed: judge.failed?.(found),
    downtime: judge.downtime(found),
    heldBack: judge.heldBack(found),
    reloader: reloaderView(found.metadata?.annotations, template),
  };
}
