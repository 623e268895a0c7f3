// When a workload counts as rolled out, and what to say if it does not. Pure: from objects to a verdict. The real provider
// also waits for Services, Ingresses, Jobs, Pods and volume claims; here they are ready as soon as they exist.
import { asMap, asString, isMap, type PropertyMap } from "../provider/propertyValues";
import { annotationOf, type KubernetesObject, metadataOf, valueAt } from "./objects";
import { podMessages } from "./podMessages";

export interface Rollout {
  readonly done: boolean;
  /** What is missing; empty when done. */
  readonly reasons: readonly string[];
}

/** What there is to judge by. */
export interface WorkloadView {
  readonly workload: KubernetesObject;
  /** Of the whole namespace. */
  readonly replicaSets: readonly KubernetesObject[];
  readonly pods: readonly KubernetesObject[];
}

const revisionAnnotation = "deployment.kubernetes.io/revision";

const judges: Readonly<Record<string, (view: WorkloadView) => Rollout>> = {
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1/DaemonSet": daemonSet,
};

/** The judge of a kind's rollout; undefined for kinds that are ready as soon as they exist. */
export function rolloutJudge({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">) {
  return judges[`${apiVersion}/${kind}`];
}

function deployment({ workload, replicaSets, pods }: WorkloadView): Rollout {
  if (!isObserved(workload)) return { done: false, reasons: ["the Deployment controller has not taken it up yet"] };
  const revision = annotationOf(workload, revisionAnnotation);
  const [available, progressing] = ["Available", "Progressing"].map((type) => conditionOf(workload, type));
  const current = replicaSets.find(
    (rs) => isOwnedBy(rs, workload) && annotationOf(rs, revisionAnnotation) === revision,
  );
  // The controller says that it has seen the Deployment before its ReplicaSet is seen to be scaled: both have to be ready.
  const wanted = Math.max(
    ...[workload, current].map((object) => (object && numberAt(object, "spec", "replicas")) ?? 1),
  );
  const ready = current !== undefined && readyReplicas(current) >= wanted;
  const isAvailable = available?.status === "True";
  // The first ReplicaSet is created, not rolled out to.
  const isCurrent =
    revision === "1" || (progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable");
  if (revision !== undefined && isAvailable && isCurrent && ready) return { done: true, reasons: [] };
  const failed = [available, progressing].filter((condition) => condition && condition.status !== "True");
  const missing = !isAvailable
    ? "Minimum number of live Pods was not attained"
    : !isCurrent || revision === "1"
      ? "Minimum number of Pods to consider the application live was not attained"
      : "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live";
  const ownPods = current ? pods.filter((pod) => isOwnedBy(pod, current)) : [];
  return { done: false, reasons: [...failed.map(describe), missing, ...ownPods.flatMap(podMessages)] };
}

function statefulSet({ workload, pods }: WorkloadView): Rollout {
  const status = (name: string) => numberAt(workload, "status", name) ?? 0;
  const wanted = numberAt(workload, "spec", "replicas") ?? 1;
  const { currentRevision, updateRevision } = asMap(workload.status);
  const onDelete = valueAt(workload, ["spec", "updateStrategy", "type"]) === "OnDelete";
  const byHand = onDelete && (numberAt(workload, "metadata", "generation") ?? 1) > 1;
  const revisionReady = byHand || (Boolean(currentRevision) && currentRevision === updateRevision);
  const replicasReady =
    wanted === status("replicas") &&
    wanted === status("readyReplicas") &&
    (byHand || wanted === status("currentReplicas"));
  if (isObserved(workload) && revisionReady && replicasReady) return { done: true, reasons: [] };
  const updated = revisionReady
    ? status("readyReplicas")
    : Math.min(status("readyReplicas"), status("updatedReplicas"));
  const reasons = [
    ...(replicasReady ? [] : [`${updated} out of ${wanted} replicas succeeded readiness checks`]),
    ...(revisionReady
      ? []
      : [
          `StatefulSet controller failed to advance from revision "${currentRevision}" to revision "${updateRevision}"`,
        ]),
  ];
  return { done: false, reasons: [...reasons, ...pods.filter((pod) => isOwnedBy(pod, workload)).flatMap(podMessages)] };
}

function daemonSet({ workload, pods }: WorkloadView): Rollout {
  const status = (name: string) => numberAt(workload, "status", name);
  const desired = status("desiredNumberScheduled");
  const onDelete = valueAt(workload, ["spec", "updateStrategy", "type"]) === "OnDelete";
  const counted = [
    ["currentNumberScheduled", "scheduled"],
    ...(onDelete ? [] : [["updatedNumberScheduled", "updated"]]),
    ["numberAvailable", "available"],
    ["numberReady", "ready"],
  ] as const;
  const short = counted.filter(([name]) => desired === undefined || (status(name ?? "") ?? 0) < desired);
  if (isObserved(workload) && desired !== undefined && short.length === 0) return { done: true, reasons: [] };
  const reasons = short.map(([name, word]) => `${status(name ?? "") ?? 0} of ${desired ?? "?"} Pods are ${word}`);
  return { done: false, reasons: [...reasons, ...pods.filter((pod) => isOwnedBy(pod, workload)).flatMap(podMessages)] };
}

/** Whether the controller has seen the newest specification, so that the status is about it. */
function isObserved(workload: KubernetesObject): boolean {
  return (
    (numberAt(workload, "status", "observedGeneration") ?? 0) >= (numberAt(workload, "metadata", "generation") ?? 1)
  );
}

function conditionOf(object: KubernetesObject, type: string): PropertyMap | undefined {
  const { conditions } = asMap(object.status);
  return Array.isArray(conditions) ? conditions.filter(isMap).find((condition) => condition.type === type) : undefined;
}

function describe(condition: PropertyMap | undefined): string {
  return `[${asString(condition?.reason)}] ${asString(condition?.message)}`;
}

function readyReplicas(replicaSet: KubernetesObject): number {
  return numberAt(replicaSet, "status", "readyReplicas") ?? 0;
}

function isOwnedBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const { ownerReferences } = metadataOf(object);
  const { uid } = metadataOf(owner);
  return Array.isArray(ownerReferences) && ownerReferences.filter(isMap).some((reference) => reference.uid === uid);
}

function numberAt(object: PropertyMap, ...keys: string[]): number | undefined {
  const value = valueAt(object, keys);
  return typeof value === "number" ? value : undefined;
}
