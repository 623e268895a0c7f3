import type { Share } from "./workloadObject";

/** The number of pods that a share of the replicas is. */
export function podsOf(share: Share, replicas: number, round: (pods: number) => number): number {
  const [, percent] = /^(\d+)%$/.exec(String(share)) ?? [];
  return percent === undefined ? Number(share) : round((Number(percent) * replicas) / 100);
}

/**
 * Why a rollout that starts so many pods in advance, and ends so many before, may be without any; undefined: it is not.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
 */
export function rollingDowntime(replicas: number, maxSurge: Share, maxUnavailable: Share): string | undefined {
  const surge = podsOf(maxSurge, replicas, Math.ceil);
  // Where both come to nothing, the controller lets one pod be unavailable.
  const unavailable = podsOf(maxUnavailable, replicas, Math.floor) || (surge === 0 ? 1 : 0);
  if (unavailable < replicas) return undefined;
  if (replicas === 1) {
    return `has one replica, which may end before the new one is available (maxUnavailable ${maxUnavailable}, maxSurge ${maxSurge})`;
  }
  return `lets all of its ${replicas} replicas be unavailable at once (maxUnavailable ${maxUnavailable})`;
}
