import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { downtime, type Share } from "./downtime";

export interface Workload {
  /** Of the pod template. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What is still missing until every replica is of the newest template and available; undefined: nothing. */
  readonly waitsFor: string | undefined;
  /** Why a restart leaves it without any pod for a while, in this state of it; undefined: it does not. */
  readonly downtime: string | undefined;
  /** Why a new template does not come into all of its pods by itself; undefined: it does. */
  readonly heldBack: string | undefined;
}

/** What is read of a Deployment, StatefulSet or DaemonSet. */
export interface WorkloadObject {
  metadata?: { generation?: number };
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    paused?: boolean;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: Share; maxUnavailable?: Share } };
    updateStrategy?: {
      type?: string;
      rollingUpdate?: { partition?: number; maxSurge?: Share; maxUnavailable?: Share };
    };
    template?: { metadata?: { annotations?: Record<string, string> } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
  };
}

/** Where a workload stands, as `kubectl rollout status` judges it. */
export function workloadState(kind: ConsumerDeclaration["kind"], found: WorkloadObject): Workload {
  const { metadata, spec, status } = found;
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return {
    annotations: spec?.template?.metadata?.annotations ?? {},
    waitsFor: isSeen ? missing[kind](found) : "its controller has not seen the change yet",
    downtime: downtime(kind, found),
    heldBack: heldBack(found),
  };
}

type Judge = (found: WorkloadObject) => string | undefined;

/** @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go */
const missing = { Deployment: ofDeployment, StatefulSet: ofStatefulSet, DaemonSet: ofDaemonSet } satisfies Record<
  ConsumerDeclaration["kind"],
  Judge
>;

function ofDeployment({ spec, status }: WorkloadObject): string | undefined {
  const [desired, updated] = [spec?.replicas ?? 1, status?.updatedReplicas ?? 0];
  const [replicas, available] = [status?.replicas ?? 0, status?.availableReplicas ?? 0];
  if (updated < desired) return `${updated} of ${desired} replicas are updated`;
  // Old ones are counted as available too.
  if (replicas > updated) return `${replicas - updated} old replicas have not ended yet`;
  if (available < updated) return `${available} of ${updated} replicas are available`;
  return undefined;
}

function ofStatefulSet({ spec, status }: WorkloadObject): string | undefined {
  const [desired, updated, available] = [
    spec?.replicas ?? 1,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
  ];
  if (updated < desired) return `${updated} of ${desired} replicas are updated`;
  if (available < desired) return `${available} of ${desired} replicas are available`;
  if (status?.currentRevision !== status?.updateRevision) return "its controller has not called the rollout done yet";
  return undefined;
}

function ofDaemonSet({ status }: WorkloadObject): string | undefined {
  const [desired, updated] = [status?.desiredNumberScheduled ?? 0, status?.updatedNumberScheduled ?? 0];
  const available = status?.numberAvailable ?? 0;
  if (updated < desired) return `${updated} of ${desired} pods are updated`;
  if (available < desired) return `${available} of ${desired} pods are available`;
  return undefined;
}

function heldBack({ spec }: WorkloadObject): string | undefined {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  if (spec?.paused) return "is paused";
  if (type === "OnDelete") return "has the update strategy OnDelete";
  const partition = rollingUpdate?.partition ?? 0;
  return partition > 0 ? `has the partition ${partition}` : undefined;
}
