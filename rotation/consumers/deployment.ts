import { byPodTemplate, type DrivenKind, heldByPause, isSeen, unseen } from "./kubernetesKind";
import { rollingDowntime } from "./shares";
import type { WorkloadObject } from "./workloadObject";

/** By Reloader, which resumes a Deployment after its pause-period. */
const pausedAt = "deployment.reloader.stakater.com/paused-at";

/** @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go */
export const deployment: DrivenKind = {
  kind: "Deployment",
  about: "an annotation on its pod template restarts it, and the rollout is awaited",
  api: { group: "apps", version: "v1", plural: "deployments" },
  ...byPodTemplate,
  waitsFor: (found) => (isSeen(found) ? missing(found) : unseen),
  downtime({ spec }) {
    const replicas = spec?.replicas ?? 1;
    if (replicas === 0) return undefined;
    if (spec?.strategy?.type === "Recreate") {
      return "has the strategy Recreate: all of its pods end before a new one starts";
    }
    const { maxSurge = "25%", maxUnavailable = "25%" } = spec?.strategy?.rollingUpdate ?? {};
    return rollingDowntime(replicas, maxSurge, maxUnavailable);
  },
  heldBack: (found) => (found.metadata?.annotations?.[pausedAt] ? undefined : heldByPause(found)),
};

function missing({ spec, status }: WorkloadObject): string | undefined {
  const [desired, updated] = [spec?.replicas ?? 1, status?.updatedReplicas ?? 0];
  const [replicas, available] = [status?.replicas ?? 0, status?.availableReplicas ?? 0];
  if (updated < desired && spec?.paused) return `${updated} of ${desired} replicas are updated, and it is paused`;
  if (updated < desired) return `${updated} of ${desired} replicas are updated`;
  // Old ones are counted as available too.
  if (replicas > updated) return `${replicas - updated} old replicas have not ended yet`;
  if (available < updated) return `${available} of ${updated} replicas are available`;
  return undefined;
}
