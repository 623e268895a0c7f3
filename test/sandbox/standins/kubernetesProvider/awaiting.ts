import { setTimeout as delay } from "node:timers/promises";
import type { PropertyMap } from "../provider/propertyValues";
import type { KubernetesApi } from "./api";
import { isNotFound, pathOf, resourceOf } from "./cluster";
import { annotationOf, type KubernetesObject, nameOf, namespaceOf } from "./objects";
import { type Collection, itemsOf, observe } from "./observe";
import { type Rollout, rolloutJudge, type WorkloadView } from "./rollout";

/** The object is there, but did not become ready in time, or the wait was cancelled. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    readonly reasons: readonly string[],
  ) {
    super(message);
    this.name = "NotReadyError";
  }
}

export interface Wait {
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** From `customTimeouts`, else from the annotation, else ten minutes. */
export function timeoutOf(inputs: PropertyMap, customSeconds: number | undefined): number {
  return customSeconds ?? (Number(annotationOf(inputs, "pulumi.com/timeoutSeconds")) || 600);
}

export function skipsAwait(inputs: PropertyMap): boolean {
  return annotationOf(inputs, "pulumi.com/skipAwait") === "true";
}

/**
 * Waits until a workload is rolled out and returns it; other objects at once. A rollout that exceeded its progress
 * deadline may still succeed: only the time given ends the wait.
 * @throws NotReadyError
 */
export async function untilRolledOut(
  api: KubernetesApi,
  applied: KubernetesObject,
  wait: Wait,
): Promise<KubernetesObject> {
  const judge = rolloutJudge(applied);
  if (!judge) return applied;
  let workload = applied;
  let replicaSets: readonly KubernetesObject[] = [];
  const isRolledOut = () => judge({ workload, replicaSets, pods: [] }).done;
  const sources: Source[] = [
    {
      collection: await collectionOf(api, applied, wait.signal),
      onChange: (objects) => {
        const newest = objects[0];
        if (newest && generationOf(newest) >= generationOf(applied)) workload = newest;
      },
    },
    ...replicaSetsPaths(applied).map((path) => ({
      collection: { path },
      onChange: (objects: readonly KubernetesObject[]) => {
        replicaSets = objects;
      },
    })),
  ];
  const outcome = await follow(api, sources, isRolledOut, wait);
  if (outcome === "done") return workload;
  const { reasons } = await judgeNow(api, workload, AbortSignal.timeout(10_000));
  throw notReady(outcome, applied, reasons);
}

/** Waits until there is no such object. @throws NotReadyError */
export async function untilDeleted(api: KubernetesApi, object: KubernetesObject, wait: Wait): Promise<void> {
  let gone = false;
  const onChange = (objects: readonly KubernetesObject[]) => {
    gone = objects.length === 0;
  };
  const sources = [{ collection: await collectionOf(api, object, wait.signal), onChange }];
  const outcome = await follow(api, sources, () => gone, wait);
  if (outcome !== "done") throw notReady(outcome, object, ["finalizers might be preventing deletion"]);
}

/** How far the rollout of a workload is at this moment; undefined for kinds that have none. */
export async function rolloutNow(
  api: KubernetesApi,
  live: KubernetesObject,
  signal: AbortSignal,
): Promise<Rollout | undefined> {
  return rolloutJudge(live) && judgeNow(api, live, signal);
}

/** Tries again, as the real provider does, while a namespace or a definition may still be on its way. */
export async function retryNotFound<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = 1000; ; pauseMs *= 2) {
    try {
      return await attempt();
    } catch (error) {
      if (!isNotFound(error) || pauseMs > 16_000) throw error;
    }
    await delay(pauseMs, undefined, { signal });
  }
}

interface Source {
  readonly collection: Collection;
  readonly onChange: (objects: readonly KubernetesObject[]) => void;
}

type Outcome = "done" | "timeout" | "cancelled";

async function follow(
  api: KubernetesApi,
  sources: readonly Source[],
  isDone: () => boolean,
  { timeoutSeconds, signal }: Wait,
): Promise<Outcome> {
  const done = new AbortController();
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const end = AbortSignal.any([done.signal, timeout, signal]);
  const look = (source: Source) => (objects: readonly KubernetesObject[]) => {
    source.onChange(objects);
    if (isDone()) done.abort();
  };
  const watches = sources.map((source) => observe(api, source.collection, end, look(source)));
  try {
    await Promise.all(watches);
  } catch (error) {
    if (!end.aborted) throw error;
  } finally {
    done.abort();
    await Promise.allSettled(watches);
  }
  if (isDone()) return "done";
  return signal.aborted ? "cancelled" : "timeout";
}

function notReady(
  outcome: Exclude<Outcome, "done">,
  object: KubernetesObject,
  reasons: readonly string[],
): NotReadyError {
  const name = nameOf(object);
  const what =
    outcome === "timeout"
      ? `'${name}' timed out waiting to be Ready`
      : `Resource operation was cancelled for "${name}"`;
  return new NotReadyError(what, reasons);
}

async function judgeNow(api: KubernetesApi, workload: KubernetesObject, signal: AbortSignal): Promise<Rollout> {
  const list = async (path: string) => itemsOf(await api.send({ method: "GET", path, signal }));
  const view: WorkloadView = {
    workload: await api.send({ method: "GET", path: await pathOf(api, workload, signal), signal }),
    replicaSets: (await Promise.all(replicaSetsPaths(workload).map(list))).flat(),
    pods: await list(`/api/v1/namespaces/${namespaceOf(workload) ?? "default"}/pods`),
  };
  return rolloutJudge(workload)?.(view) ?? { done: true, reasons: [] };
}

async function collectionOf(api: KubernetesApi, object: KubernetesObject, signal: AbortSignal): Promise<Collection> {
  const { collection } = await resourceOf(api, object, namespaceOf(object), signal);
  return { path: collection, fieldSelector: `metadata.name=${nameOf(object)}` };
}

/** Only Deployments have ReplicaSets. */
function replicaSetsPaths({ kind, ...workload }: KubernetesObject): string[] {
  return kind === "Deployment" ? [`/apis/apps/v1/namespaces/${namespaceOf(workload) ?? "default"}/replicasets`] : [];
}

function generationOf(object: KubernetesObject): number {
  const { generation } = object.metadata as PropertyMap;
  return typeof generation === "number" ? generation : 0;
}
