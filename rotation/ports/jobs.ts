import { BatchV1Api, CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { unlessMissing } from "./kubernetesRequest";

/** A pod that a job of a CronJob runs now. */
export interface JobPod {
  /** Of the Job. */
  readonly job: string;
  readonly name: string;
  /** When the API server made it; it starts after that. */
  readonly madeAt: Date;
}

/**
 * Names of the jobs of which a pod may have begun before a Kubernetes Secret had its content. Times are the API server's, in whole
 * seconds: a pod of the same second may have begun with either.
 *
 * @param contentSince  undefined: that is not known, and each of them may have
 */
export function jobsBegunBefore(contentSince: Date | undefined, pods: readonly JobPod[]): string[] {
  const older = pods.filter(({ madeAt }) => contentSince === undefined || madeAt.getTime() <= contentSince.getTime());
  return [...new Set(older.map(({ job }) => job))].sort();
}

/** @param config  of the cluster; its current context counts */
export function jobPodsIn(
  config: KubeConfig,
): (cronJob: { readonly namespace: string; readonly name: string }) => Promise<readonly JobPod[]> {
  const [batch, core] = [config.makeApiClient(BatchV1Api), config.makeApiClient(CoreV1Api)];
  return async ({ namespace, name }) => {
    const jobs = (await unlessMissing(() => batch.listNamespacedJob({ namespace })))?.items ?? [];
    const own = new Map(
      jobs
        .filter(({ metadata }) => controllerOf(metadata)?.kind === "CronJob" && controllerOf(metadata)?.name === name)
        .map(({ metadata }) => [metadata?.uid ?? "", metadata?.name ?? ""]),
    );
    if (own.size === 0) return [];
    const pods = (await unlessMissing(() => core.listNamespacedPod({ namespace })))?.items ?? [];
    return pods.flatMap(({ metadata, status }) => {
      const job = own.get(controllerOf(metadata)?.uid ?? "");
      if (job === undefined || ["Succeeded", "Failed"].includes(status?.phase ?? "")) return [];
      return [{ job, name: metadata?.name ?? "", madeAt: metadata?.creationTimestamp ?? new Date(0) }];
    });
  };
}

interface Owned {
  readonly ownerReferences?: readonly { kind: string; name: string; uid: string; controller?: boolean }[];
}

/** The object that controls another; undefined: none. */
export function controllerOf(metadata: Owned | undefined) {
  return metadata?.ownerReferences?.find(({ controller }) => controller);
}
