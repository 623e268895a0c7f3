import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type V1ObjectMeta,
  type V1PodSpec,
  type V1PodTemplateSpec,
} from "@kubernetes/client-node";
import { kubernetesKinds } from "../consumers";
import type { DrivenKind } from "../consumers/kubernetesKind";
import type { PodTemplate, WorkloadObject } from "../consumers/workloadObject";
import { KubernetesError } from "../kubernetesError";
import { controllerOf } from "./jobs";
import { unlessMissing } from "./kubernetesRequest";
import { secretsOf, type Way } from "./podSecrets";
import { type ReloaderView, reloaderView } from "./reloaderView";

/** What takes Kubernetes Secrets in a namespace. */
export interface Taker {
  /** Of the object that makes the pods, e.g. `Deployment`; `Pod`: nothing that is known here makes it. */
  readonly kind: string;
  readonly name: string;
  /** Whether it has pods now. Those that a CronJob makes later read what is there then. */
  readonly runs: boolean;
  /** How it takes them, by the Secret's name. */
  readonly takes: ReadonlyMap<string, ReadonlySet<Way>>;
  /** Of a Deployment, StatefulSet or DaemonSet. */
  readonly reloader?: ReloaderView;
}

export interface Takers {
  readonly takers: readonly Taker[];
  /** Kinds that may not be listed, e.g. `cronjobs.batch`. */
  readonly unlisted: readonly string[];
}

/** @param config  of the cluster; its current context counts */
export function takersIn(config: KubeConfig): (namespace: string) => Promise<Takers> {
  const [apps, batch] = [config.makeApiClient(AppsV1Api), config.makeApiClient(BatchV1Api)];
  const [core, custom] = [config.makeApiClient(CoreV1Api), config.makeApiClient(CustomObjectsApi)];
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
    const ofKind = (kind: DrivenKind) =>
      ask(`${kind.api.plural}.${kind.api.group}`, async () => {
        const { items } = (await custom.listNamespacedCustomObject({ ...kind.api, namespace })) as List;
        return items.map((item) => ofObject(kind, item));
      });
    const takers = await Promise.all([
      ...kubernetesKinds.filter(({ isListed }) => isListed).map(ofKind),
      // Those of Deployments are told with these; of another controller, e.g. a Rollout, they say what it takes.
      ask("replicasets.apps", async () =>
        newest(
          (await apps.listNamespacedReplicaSet(at)).items
            .filter(({ metadata }) => controllerOf(metadata)?.kind !== "Deployment")
            .map(ofReplicaSet),
        ),
      ),
      ask("jobs.batch", async () =>
        (await batch.listNamespacedJob(at)).items
          .filter(({ status }) => (status?.active ?? 0) > 0)
          .map(({ metadata, spec }) => {
            const owner = controllerOf(metadata);
            const found = taker("Job", metadata, spec?.template.spec);
            return owner?.kind === "CronJob" ? { ...found, kind: owner.kind, name: owner.name } : found;
          }),
      ),
      ask("pods", async () =>
        (await core.listNamespacedPod(at)).items
          .filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""))
          .filter(({ metadata }) => !podMakers.has(controllerOf(metadata)?.kind ?? ""))
          .map(({ metadata, spec }) => taker("Pod", metadata, spec)),
      ),
    ]);
    return { takers: merged(takers.flat()).filter(({ takes }) => takes.size > 0), unlisted };
  };
}

/** Kinds whose pods are told with them. */
const podMakers: ReadonlySet<string> = new Set(["ReplicaSet", "StatefulSet", "DaemonSet", "Job"]);

interface List {
  readonly items: readonly (WorkloadObject & { readonly metadata?: V1ObjectMeta })[];
}

function ofObject(kind: DrivenKind, found: List["items"][number]): Taker {
  const template = kind.template(found);
  const runs = kind.restart === "podTemplate" && found.spec?.replicas !== 0;
  const { annotations } = (found as WorkloadObject).metadata ?? {};
  const seen = taker(kind.kind, found.metadata, template?.spec as V1PodSpec | undefined, runs);
  return kind.restart === "podTemplate" ? { ...seen, reloader: reloaderView(annotations, template) } : seen;
}

/** It stands for what controls it. */
function ofReplicaSet({ metadata, spec }: { metadata?: V1ObjectMeta; spec?: Replicated }): Taker {
  const owner = controllerOf(metadata);
  const found = taker("ReplicaSet", metadata, spec?.template?.spec, spec?.replicas !== 0);
  return owner && kubernetesKinds.some(({ kind }) => kind === owner.kind)
    ? { ...found, kind: owner.kind, name: owner.name }
    : { ...found, reloader: reloaderView(metadata?.annotations, spec?.template as PodTemplate) };
}

interface Replicated {
  readonly replicas?: number;
  readonly template?: V1PodTemplateSpec;
}

const keyOf = ({ kind, name }: Taker) => `${kind} ${name}`;

/** A Rollout keeps the ReplicaSets of older templates: those without pods say nothing where others have some. */
function newest(takers: readonly Taker[]): Taker[] {
  const running = new Set(takers.filter(({ runs }) => runs).map(keyOf));
  return takers.filter((one) => one.runs || !running.has(keyOf(one)));
}

/** What is told twice, as itself and by what it has made: once. */
function merged(takers: readonly Taker[]): Taker[] {
  const byName = new Map<string, Taker>();
  for (const one of takers) {
    const known = byName.get(keyOf(one));
    const together = known && { ...known, runs: known.runs || one.runs, takes: both(known.takes, one.takes) };
    byName.set(keyOf(one), together ?? one);
  }
  return [...byName.values()];
}

function both(one: Taker["takes"], other: Taker["takes"]): Taker["takes"] {
  const all = new Map([...one].map(([name, ways]) => [name, new Set(ways)]));
  for (const [name, ways] of other) all.set(name, new Set([...(all.get(name) ?? []), ...ways]));
  return all;
}

function taker(kind: string, metadata: V1ObjectMeta | undefined, pod: V1PodSpec | undefined, runs = true): Taker {
  return { kind, name: metadata?.name ?? "", runs, takes: pod ? secretsOf(pod) : new Map() };
}
