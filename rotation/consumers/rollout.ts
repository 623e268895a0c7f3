import { byPodTemplate, type DrivenKind, type HeldBack, heldByPause, isSeen, unseen } from "./kubernetesKind";
import { rollingDowntime } from "./shares";
import type { WorkloadObject } from "./workloadObject";

/**
 * Argo Rollouts. The restart goes through the Rollout's own steps: a canary's analysis judges the new value, too, and a pause is waited
 * for. (`spec.restartAt` would leave the steps out, and says no version.)
 *
 * @see https://github.com/argoproj/argo-rollouts/blob/master/utils/rollout/rolloututil.go: GetRolloutPhase
 */
export const rollout: DrivenKind = {
  kind: "Rollout",
  about:
    "Argo Rollouts: an annotation on its pod template takes it through its canary or blue-green steps, which are awaited",
  api: { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" },
  ...byPodTemplate,
  // Clusters without Argo Rollouts have none, and whoever rotates need not list them.
  isListed: false,
  waitsFor: (found) => (isSeen(found) ? missing(found) : unseen),
  failed(found) {
    const { phase, message = "", abort } = found.status ?? {};
    if (!isSeen(found) || (phase !== "Degraded" && !abort)) return undefined;
    const what = abort ? "was aborted" : "is degraded";
    return `its rollout ${what}${message === "" ? "" : ` (${message})`}: see kubectl argo rollouts get rollout ${found.metadata?.name}; once it is mended, kubectl argo rollouts retry rollout ${found.metadata?.name}`;
  },
  downtime({ spec }) {
    const replicas = spec?.replicas ?? 1;
    const { canary, blueGreen } = spec?.strategy ?? {};
    if (replicas === 0 || blueGreen || canary?.trafficRouting) return undefined;
    return rollingDowntime(replicas, canary?.maxSurge ?? "25%", canary?.maxUnavailable ?? "25%");
  },
  heldBack: (found) => heldByReference(found) ?? heldByPause(found),
};

function missing({ spec, status }: WorkloadObject): string | undefined {
  const { phase, message = "", pauseConditions = [], controllerPause, stableRS, currentPodHash } = status ?? {};
  const [replicas, updated] = [status?.replicas ?? 0, status?.updatedReplicas ?? 0];
  const reasons = pauseConditions.map(({ reason = "" }) => reason).join(", ");
  if (spec?.paused || phase === "Paused" || reasons !== "") {
    return `its rollout is paused (${reasons || message}): somebody has to promote it, kubectl argo rollouts promote`;
  }
  if (controllerPause) return "its rollout goes on after a pause";
  if (phase === undefined) return "its controller has not judged it yet";
  if (phase !== "Healthy") return `its rollout is ${phase.toLowerCase()}${message === "" ? "" : ` (${message})`}`;
  if (stableRS !== currentPodHash) return "its new pods are not the stable ones yet";
  // Healthy is told while those of a blue-green rollout wait for scaleDownDelaySeconds.
  if (replicas > updated) return `${replicas - updated} old replicas have not ended yet`;
  return undefined;
}

function heldByReference({ spec }: WorkloadObject): HeldBack | undefined {
  const { kind, name } = spec?.workloadRef ?? {};
  if (name === undefined) return undefined;
  const hint =
    "give the Rollout a pod template of its own (spec.template): that of a workloadRef cannot be restarted here";
  return { why: `takes its pod template from ${kind} ${name} (workloadRef)`, hint };
}
