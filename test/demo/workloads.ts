import { AppsV1Api, CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { sampleServices } from "../sampleService/manifests";

/** The pods of one Deployment at one moment. */
export interface WorkloadPods {
  readonly name: string;
  /** Counts its rollouts. */
  readonly revision: number;
  /** Of the pods that are not about to end. */
  readonly uids: readonly string[];
}

const revisionAnnotation = "deployment.kubernetes.io/revision";

/** The pods of the sample services' Deployments. */
export async function sampleServicePods(kubeconfig: KubeConfig, namespace: string): Promise<WorkloadPods[]> {
  const [apps, core] = [kubeconfig.makeApiClient(AppsV1Api), kubeconfig.makeApiClient(CoreV1Api)];
  return Promise.all(
    sampleServices.map(async (name) => {
      const { metadata, spec } = await apps.readNamespacedDeployment({ name, namespace });
      const labels = Object.entries(spec?.selector.matchLabels ?? {}).map(([label, value]) => `${label}=${value}`);
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: labels.join(",") });
      const alive = items.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
      const revision = Number(metadata?.annotations?.[revisionAnnotation] ?? 0);
      return { name, revision, uids: alive.map((pod) => pod.metadata?.uid ?? "") };
    }),
  );
}

/** What happened to a workload between two moments. */
export interface Restart {
  readonly name: string;
  readonly rollouts: number;
  /** Pods that were there and are no more. */
  readonly pods: number;
}

export function restartsBetween(before: readonly WorkloadPods[], after: readonly WorkloadPods[]): Restart[] {
  return before.map(({ name, revision, uids }) => {
    const now = after.find((workload) => workload.name === name);
    const pods = uids.filter((uid) => !now?.uids.includes(uid)).length;
    return { name, rollouts: (now?.revision ?? revision) - revision, pods };
  });
}
