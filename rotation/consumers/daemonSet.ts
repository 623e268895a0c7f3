import { byPodTemplate, type DrivenKind, heldByStrategy, isSeen, unseen } from "./kubernetesKind";
import { podsOf } from "./shares";
import type { WorkloadObject } from "./workloadObject";

/** @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go */
export const daemonSet: DrivenKind = {
  kind: "DaemonSet",
  about: "an annotation on its pod template restarts it node by node, and the rollout is awaited",
  api: { group: "apps", version: "v1", plural: "daemonsets" },
  ...byPodTemplate,
  waitsFor: (found) => (isSeen(found) ? missing(found) : unseen),
  downtime({ spec, status }) {
    const pods = status?.desiredNumberScheduled ?? 0;
    const { maxUnavailable = 1, maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {};
    if (pods === 0 || podsOf(maxSurge, pods, Math.ceil) > 0) return undefined;
    const unavailable = podsOf(maxUnavailable, pods, Math.ceil);
    return unavailable >= pods ? `may lack all of its ${pods} pod${pods === 1 ? "" : "s"} at once` : undefined;
  },
  heldBack: heldByStrategy,
};

function missing({ status }: WorkloadObject): string | undefined {
  const [desired, updated] = [status?.desiredNumberScheduled ?? 0, status?.updatedNumberScheduled ?? 0];
  const available = status?.numberAvailable ?? 0;
  if (updated < desired) return `${updated} of ${desired} pods are updated`;
  if (available < desired) return `${available} of ${desired} pods are available`;
  return undefined;
}
