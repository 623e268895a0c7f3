import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import type { WorkloadObject } from "./workload";

/** A number of pods, or a percentage of the replicas such as `25%`. */
export type Share = number | string;

type Judge = (found: WorkloadObject) => string | undefined;

/** Why a restart of a workload is not free of downtime: a rollout that has no pod left for a while. Undefined: it is. */
export function downtime(kind: ConsumerDeclaration["kind"], found: WorkloadObject): string | undefined {
  return judges[kind](found);
}

const judges = { Deployment: ofDeployment, StatefulSet: ofStatefulSet, DaemonSet: ofDaemonSet } satisfies Record<
  ConsumerDeclaration["kind"],
  Judge
>;

/** @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable */
function ofDeployment({ spec }: WorkloadObject): string | undefined {
  const replicas = spec?.replicas ?? 1;
  if (replicas === 0) return undefined;
  if (spec?.strategy?.type === "Recreate") {
    return "has the strategy Recreate: all of its pods end before a new one starts";
  }
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec?.strategy?.rollingUpdate ?? {};
  const surge = podsOf(maxSurge, replicas, Math.ceil);
  // Where both come to nothing, the controller lets one pod be unavailable.
  const unavailable = podsOf(maxUnavailable, replicas, Math.floor) || (surge === 0 ? 1 : 0);
  if (unavailable < replicas) return undefined;
  if (replicas === 1) {
    return `has one replica, which may end before the new one is available (maxUnavailable ${maxUnavailable}, maxSurge ${maxSurge})`;
  }
  return `lets all of its ${replicas} replicas be unavailable at once (maxUnavailable ${maxUnavailable})`;
}

function ofStatefulSet({ spec }: WorkloadObject): string | undefined {
  const replicas = spec?.replicas ?? 1;
  if (replicas === 1) return "is a StatefulSet with one replica: it ends before the new one starts";
  const { maxUnavailable = 1 } = spec?.updateStrategy?.rollingUpdate ?? {};
  const unavailable = podsOf(maxUnavailable, replicas, Math.ceil);
  return replicas > 1 && unavailable >= replicas
    ? `lets all of its ${replicas} replicas be unavailable at once`
    : undefined;
}

function ofDaemonSet({ spec, status }: WorkloadObject): string | undefined {
  const pods = status?.desiredNumberScheduled ?? 0;
  const { maxUnavailable = 1, maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {};
  if (pods === 0 || podsOf(maxSurge, pods, Math.ceil) > 0) return undefined;
  const unavailable = podsOf(maxUnavailable, pods, Math.ceil);
  return unavailable >= pods ? `may lack all of its ${pods} pod${pods === 1 ? "" : "s"} at once` : undefined;
}

function podsOf(share: Share, replicas: number, round: (pods: number) => number): number {
  const [, percent] = /^(\d+)%$/.exec(String(share)) ?? [];
  return percent === undefined ? Number(share) : round((Number(percent) * replicas) / 100);
}
