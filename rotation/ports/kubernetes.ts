import {
  CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  type V1ManagedFieldsEntry,
  type V1Pod,
} from "@kubernetes/client-node";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { pokeAnnotation } from "../../infra/names";
import { kubernetesKind } from "../consumers";
import type { WorkloadObject } from "../consumers/workloadObject";
import { type JobPod, jobPodsIn } from "./jobs";
import { keptConnections } from "./keptConnections";
import { type KubernetesChecks, kubernetesChecks } from "./kubernetesChecks";
import { unlessMissing } from "./kubernetesRequest";
import { podProblems } from "./podProblems";
import { type ObjectPath, serverSideApply } from "./serverSideApply";
import { type Takers, takersIn } from "./takers";
import { type Workload, workloadState } from "./workload";

type WorkloadId = Pick<ConsumerDeclaration, "namespace" | "kind" | "name">;

export interface KubernetesSecret {
  readonly annotations: Readonly<Record<string, string>>;
  /** The bytes, which need not be a text. */
  readonly data: Readonly<Record<string, Buffer>>;
  readonly createdAt: Date | undefined;
  /** When whoever writes its data has changed anything of it last, to the second; undefined: nothing says that. */
  readonly contentSince: Date | undefined;
  /** An integer, larger than that of any Secret that was written before. */
  readonly resourceVersion: string;
}

/** What the driver needs of Kubernetes: it reads, and writes one annotation of its own. Undefined: there is no such object. */
export interface Kubernetes extends KubernetesChecks {
  secret(namespace: string, name: string): Promise<KubernetesSecret | undefined>;
  workload(workload: WorkloadId): Promise<Workload | undefined>;
  /** Why pods of a workload are not ready, one text for each; empty where they may not be listed. */
  podProblems(workload: WorkloadId): Promise<readonly string[]>;
  /** When each of its pods was made, those that end or have ended left out. */
  podsMade(workload: WorkloadId): Promise<readonly Date[]>;
  /** The pods of a CronJob's jobs that have not ended. */
  jobPods(cronJob: Pick<WorkloadId, "namespace" | "name">): Promise<readonly JobPod[]>;
  /** What takes Kubernetes Secrets in a namespace. */
  takers(namespace: string): Promise<Takers>;
  /** What External Secrets says about it last, e.g. `SecretSyncedError: …`. */
  externalSecretStatus(namespace: string, name: string): Promise<string>;
  /** Has External Secrets read at once. @param nonce  one that was not used before */
  readAgain(namespace: string, name: string, nonce: string): Promise<void>;
}

/** @param given  of the cluster; its current context counts */
export function kubernetes(given: KubeConfig): Kubernetes {
  const config = keptConnections(given);
  const [core, custom] = [config.makeApiClient(CoreV1Api), config.makeApiClient(CustomObjectsApi)];
  const read = ({ kind, namespace, name }: WorkloadId) =>
    unlessMissing<WorkloadObject>(() =>
      custom.getNamespacedCustomObject({ ...kubernetesKind(kind).api, namespace, name }),
    );
  const podsOf = async (id: WorkloadId): Promise<V1Pod[]> => {
    const found = await read(id);
    const labelSelector = selectorText(found?.spec?.selector);
    if (labelSelector === "") return [];
    const { namespace } = id;
    const pods = await unlessMissing(() => core.listNamespacedPod({ namespace, labelSelector }));
    return pods?.items ?? [];
  };
  return {
    ...kubernetesChecks(config),
    takers: takersIn(config),
    jobPods: jobPodsIn(config),
    async secret(namespace, name) {
      const found = await unlessMissing(() => core.readNamespacedSecret({ namespace, name }));
      if (!found) return undefined;
      const data = Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]);
      const { annotations = {}, creationTimestamp: createdAt, resourceVersion = "0" } = found.metadata ?? {};
      const contentSince = lastChange(found.metadata?.managedFields);
      return { annotations, data: Object.fromEntries(data), createdAt, contentSince, resourceVersion };
    },
    async workload(id) {
      const found = await read(id);
      return found && workloadState(id.kind, found);
    },
    podProblems: async (id) => podProblems(await podsOf(id)),
    async podsMade(id) {
      const live = (await podsOf(id)).filter(
        ({ metadata, status }) =>
          !metadata?.deletionTimestamp && !["Succeeded", "Failed"].includes(status?.phase ?? ""),
      );
      return live.flatMap(({ metadata }) => metadata?.creationTimestamp ?? []);
    },
    async readAgain(namespace, name, nonce) {
      const metadata = { name, namespace, annotations: { [pokeAnnotation]: nonce } };
      const body = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata };
      const owned = { fieldManager: "secret-rotation-driver", force: true };
      await serverSideApply(custom, externalSecretAt(namespace, name), body, owned);
    },
    async externalSecretStatus(namespace, name) {
      const id = externalSecretAt(namespace, name);
      const found = (await unlessMissing(() => custom.getNamespacedCustomObject(id))) as ExternalSecret | undefined;
      if (!found) return "there is no such ExternalSecret";
      const condition = found.status?.conditions?.find(({ type }) => type === "Ready");
      return condition ? `${condition.reason}: ${condition.message}` : "External Secrets has not looked at it yet";
    },
  };
}

function externalSecretAt(namespace: string, name: string): ObjectPath {
  return { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace, name };
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector = {}): string {
  const operators: Record<string, (key: string, values: string) => string> = {
    In: (key, values) => `${key} in (${values})`,
    NotIn: (key, values) => `${key} notin (${values})`,
    Exists: (key) => key,
    DoesNotExist: (key) => `!${key}`,
  };
  const labels = Object.entries(matchLabels).map((label) => label.join("="));
  const more = matchExpressions.map(
    ({ key, operator, values = [] }) => operators[operator]?.(key, values.join(",")) ?? key,
  );
  return [...labels, ...more].join(",");
}

type Selector = NonNullable<NonNullable<WorkloadObject["spec"]>["selector"]>;

/** Of the entries of those who own any of its data. */
function lastChange(fields: readonly V1ManagedFieldsEntry[] = []): Date | undefined {
  const times = fields.flatMap(({ time, fieldsV1 }) =>
    time && fieldsV1 && "f:data" in fieldsV1 ? [time.getTime()] : [],
  );
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}

interface ExternalSecret {
  status?: { conditions?: { type: string; reason?: string; message?: string }[] };
}
