import { byPodTemplate, type DrivenKind, heldByPause, heldByStrategy, isSeen, unseen } from "./kubernetesKind";
import { podsOf } from "./shares";
import type { WorkloadObject } from "./workloadObject";

/** @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go */
export const statefulSet: DrivenKind = {
  kind: "StatefulSet",
  about: "an annotation on its pod template restarts it pod by pod, and the rollout is awaited",
  api: { group: "apps", version: "v1", plural: "statefulsets" },
  ...byPodTemplate,
  waitsFor: (found) => (isSeen(found) ? missing(found) : unseen),
  downtime({ spec }) {
    const replicas = spec?.replicas ?? 1;
    if (replicas === 1) return "is a StatefulSet with one replica: it ends before the new one starts";
    const { maxUnavailable = 1 } = spec?.updateStrategy?.rollingUpdate ?? {};
    const unavailable = podsOf(maxUnavailable, replicas, Math.ceil);
    return replicas > 1 && unavailable >= replicas
      ? `lets all of its ${replicas} replicas be unavailable at once`
      : undefined;
  },
  heldBack: (found) => heldByPause(found) ?? heldByStrategy(found),
};

function missing({ spec, status }: WorkloadObject): string | undefined {
  const desired = spec?.replicas ?? 1;
  const [updated, available] = [status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0];
  if (updated < desired) return `${updated} of ${desired} replicas are updated`;
  if (available < desired) return `${available} of ${desired} replicas are available`;
  if (status?.currentRevision !== status?.updateRevision) return "its controller has not called the rollout done yet";
  return undefined;
}
