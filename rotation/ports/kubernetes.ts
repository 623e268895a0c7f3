import { AppsV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { pokeAnnotation } from "../../infra/names";
import { keptConnections } from "./keptConnections";
import { type KubernetesChecks, kubernetesChecks } from "./kubernetesChecks";
import { unlessMissing } from "./kubernetesRequest";
import { podProblems } from "./podProblems";
import { type ObjectPath, serverSideApply } from "./serverSideApply";
import { type Takers, takersIn } from "./takers";
import { type Workload, type WorkloadObject, workloadState } from "./workload";

type WorkloadId = Pick<ConsumerDeclaration, "namespace" | "kind" | "name">;

export interface KubernetesSecret {
  readonly annotations: Readonly<Record<string, string>>;
  /** The bytes, which need not be a text. */
  readonly data: Readonly<Record<string, Buffer>>;
}

/** What the driver needs of Kubernetes: it reads, and writes one annotation of its own. Undefined: there is no such object. */
export interface Kubernetes extends KubernetesChecks {
  secret(namespace: string, name: string): Promise<KubernetesSecret | undefined>;
  workload(workload: WorkloadId): Promise<Workload | undefined>;
  /** Why pods of a workload are not ready, one text for each; empty where they may not be listed. */
  podProblems(workload: WorkloadId): Promise<readonly string[]>;
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
  const [core, apps, custom] = [CoreV1Api, AppsV1Api, CustomObjectsApi].map((api) =>
    config.makeApiClient(api as never),
  ) as [CoreV1Api, AppsV1Api, CustomObjectsApi];
  return {
    ...kubernetesChecks(config),
    takers: takersIn(config),
    async secret(namespace, name) {
      const found = await unlessMissing(() => core.readNamespacedSecret({ namespace, name }));
      if (!found) return undefined;
      const data = Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]);
      return { annotations: found.metadata?.annotations ?? {}, data: Object.fromEntries(data) };
    },
    async workload(id) {
      const found = await unlessMissing(() => readWorkload(apps, id));
      return found && workloadState(id.kind, found);
    },
    async podProblems(id) {
      const found = await unlessMissing(() => readWorkload(apps, id));
      const labels = Object.entries(found?.spec?.selector?.matchLabels ?? {}).map((label) => label.join("="));
      if (labels.length === 0) return [];
      const { namespace } = id;
      const pods = await unlessMissing(() => core.listNamespacedPod({ namespace, labelSelector: labels.join(",") }));
      return podProblems(pods?.items ?? []);
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

function readWorkload(apps: AppsV1Api, { kind, namespace, name }: WorkloadId): Promise<WorkloadObject> {
  const id = { namespace, name };
  const read = {
    Deployment: () => apps.readNamespacedDeployment(id),
    StatefulSet: () => apps.readNamespacedStatefulSet(id),
    DaemonSet: () => apps.readNamespacedDaemonSet(id),
  } satisfies Record<typeof kind, () => Promise<WorkloadObject>>;
  return read[kind]();
}

function externalSecretAt(namespace: string, name: string): ObjectPath {
  return { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace, name };
}

interface ExternalSecret {
  status?: { conditions?: { type: string; reason?: string; message?: string }[] };
}
