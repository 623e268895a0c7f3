import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  type V1ObjectMeta,
  type V1PodSpec,
} from "@kubernetes/client-node";
import { KubernetesError } from "./kubernetesError";
import { unlessMissing } from "./kubernetesRequest";
import { secretsOf, type Way } from "./podSecrets";

/** What takes Kubernetes Secrets in a namespace. */
export interface Taker {
  /** Of the object that makes the pods, e.g. `Deployment`; `Pod`: nothing that is known here makes it. */
  readonly kind: string;
  readonly name: string;
  /** Whether it has pods now. Those that a CronJob makes later read what is there then. */
  readonly runs: boolean;
  /** How it takes them, by the Secret's name. */
  readonly takes: ReadonlyMap<string, ReadonlySet<Way>>;
}

export interface Takers {
  readonly takers: readonly Taker[];
  /** Kinds that may not be listed, e.g. `cronjobs.batch`. */
  readonly unlisted: readonly string[];
}

/** @param config  of the cluster; its current context counts */
export function takersIn(config: KubeConfig): (namespace: string) => Promise<Takers> {
  const [apps, batch, core] = [AppsV1Api, BatchV1Api, CoreV1Api].map((api) => config.makeApiClient(api as never)) as [
    AppsV1Api,
    BatchV1Api,
    CoreV1Api,
  ];
  return async (namespace) => {
    const at = { namespace };
    const unlisted: string[] = [];
    const ask = async (resource: string, list: () => Promise<Taker[]>): Promise<Taker[]> => {
      try {
        return (await unlessMissing(list)) ?? [];
      } catch (error) {
        if (!(error instanceof KubernetesError && error.status === 403)) throw error;
        unlisted.push(resource);
        return [];
      }
    };
    const takers = await Promise.all([
      ask("deployments.apps", async () => templates("Deployment", (await apps.listNamespacedDeployment(at)).items)),
      ask("statefulsets.apps", async () => templates("StatefulSet", (await apps.listNamespacedStatefulSet(at)).items)),
      ask("daemonsets.apps", async () => templates("DaemonSet", (await apps.listNamespacedDaemonSet(at)).items)),
      // Those of other controllers, e.g. Argo Rollouts.
      ask("replicasets.apps", async () =>
        templates("ReplicaSet", (await apps.listNamespacedReplicaSet(at)).items, ["Deployment"]),
      ),
      ask("cronjobs.batch", async () =>
        (await batch.listNamespacedCronJob(at)).items.map(({ metadata, spec }) =>
          taker("CronJob", metadata, spec?.jobTemplate.spec?.template.spec, false),
        ),
      ),
      ask("jobs.batch", async () =>
        (await batch.listNamespacedJob(at)).items
          .filter(({ status }) => (status?.active ?? 0) > 0)
          .map(({ metadata, spec }) => taker("Job", metadata, spec?.template.spec)),
      ),
      ask("pods", async () =>
        (await core.listNamespacedPod(at)).items
          .filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""))
          .filter(({ metadata }) => !isControlledBy(metadata, ["ReplicaSet", "StatefulSet", "DaemonSet", "Job"]))
          .map(({ metadata, spec }) => taker("Pod", metadata, spec)),
      ),
    ]);
    return { takers: takers.flat().filter(({ takes }) => takes.size > 0), unlisted };
  };
}

interface Templated {
  readonly metadata?: V1ObjectMeta;
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly spec?: V1PodSpec } };
}

/** @param told  kinds of controllers that are told themselves */
function templates(kind: string, items: readonly Templated[], told: readonly string[] = []): Taker[] {
  return items
    .filter(({ metadata }) => !isControlledBy(metadata, told))
    .map(({ metadata, spec }) => taker(kind, metadata, spec?.template?.spec, spec?.replicas !== 0));
}

function taker(kind: string, metadata: V1ObjectMeta | undefined, pod: V1PodSpec | undefined, runs = true): Taker {
  return { kind, name: metadata?.name ?? "", runs, takes: pod ? secretsOf(pod) : new Map() };
}

function isControlledBy(metadata: V1ObjectMeta | undefined, kinds: readonly string[]): boolean {
  return metadata?.ownerReferences?.some(({ kind, controller }) => controller && kinds.includes(kind)) ?? false;
}
