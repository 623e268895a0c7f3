import type { KubernetesKind } from "../../infra/config/consumerKind";
import type { PodTemplate, WorkloadObject } from "./workloadObject";

/** What a kind in Kubernetes says of itself: its declaration, and how one of its objects is judged. None of it does I/O. */
export interface DrivenKind extends KubernetesKind {
  /** What makes its pods. */
  template(found: WorkloadObject): PodTemplate | undefined;
  /** What is missing until every replica is of the newest template and available; undefined: nothing. */
  waitsFor(found: WorkloadObject): string | undefined;
  /** Why its rollout has ended without success; undefined: it has not. Left out: its controller does not say so. */
  failed?(found: WorkloadObject): string | undefined;
  /** Why a restart leaves it without any pod for a while; undefined: it does not. */
  downtime(found: WorkloadObject): string | undefined;
  /** Why a new template does not come into all of its pods by itself; undefined: it does. */
  heldBack(found: WorkloadObject): HeldBack | undefined;
}

export interface HeldBack {
  readonly why: string;
  /** What to do. */
  readonly hint: string;
}

/** One that is restarted by an annotation on `spec.template`. */
export const byPodTemplate = {
  restart: "podTemplate",
  isListed: true,
  template: ({ spec }: WorkloadObject) => spec?.template,
} as const;

const hint = "resume it (kubectl rollout resume), or let it roll out by itself: RollingUpdate, without a partition";

/** By its field `paused`. */
export function heldByPause({ spec }: WorkloadObject): HeldBack | undefined {
  return spec?.paused ? { why: "is paused", hint } : undefined;
}

/** By its update strategy. */
export function heldByStrategy({ spec }: WorkloadObject): HeldBack | undefined {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  if (type === "OnDelete") return { why: "has the update strategy OnDelete", hint };
  const partition = rollingUpdate?.partition ?? 0;
  return partition > 0 ? { why: `has the partition ${partition}`, hint } : undefined;
}

/** Whether its controller has seen the object as it is. */
export function isSeen({ metadata, status }: WorkloadObject): boolean {
  return Number(status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
}

export const unseen = "its controller has not seen the change yet";
