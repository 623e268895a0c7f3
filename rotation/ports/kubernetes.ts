import { ApiException, AppsV1Api, CoreV1Api, CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";

type WorkloadId = Pick<ConsumerDeclaration, "namespace" | "kind" | "name">;

export interface KubernetesSecret {
  readonly annotations: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly data: Readonly<Record<string, string>>;
}

export interface Workload {
  /** Of the pod template. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What is still missing until every replica is of the newest template and available; undefined: nothing. */
  readonly waitsFor: string | undefined;
}

/** What the driver needs of Kubernetes: it only reads. Undefined: there is no such object. */
export interface Kubernetes {
  secret(namespace: string, name: string): Promise<KubernetesSecret | undefined>;
  workload(workload: WorkloadId): Promise<Workload | undefined>;
  /** What External Secrets says about it last, e.g. `SecretSyncedError: …`. */
  externalSecretStatus(namespace: string, name: string): Promise<string>;
}

/** @throws Error when there is no kubeconfig that names a cluster */
export function kubernetes(): Kubernetes {
  const config = new KubeConfig();
  config.loadFromDefault();
  const [core, apps, custom] = [CoreV1Api, AppsV1Api, CustomObjectsApi].map((api) =>
    config.makeApiClient(api as never),
  ) as [CoreV1Api, AppsV1Api, CustomObjectsApi];
  return {
    async secret(namespace, name) {
      const found = await unlessMissing(core.readNamespacedSecret({ namespace, name }));
      if (!found) return undefined;
      const data = Object.entries(found.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, "base64").toString("utf8"),
      ]);
      return { annotations: found.metadata?.annotations ?? {}, data: Object.fromEntries(data) };
    },
    async workload({ kind, namespace, name }) {
      const id = { namespace, name };
      switch (kind) {
        case "Deployment":
          return workloadState(await unlessMissing(apps.readNamespacedDeployment(id)), deploymentCounts);
        case "StatefulSet":
          return workloadState(await unlessMissing(apps.readNamespacedStatefulSet(id)), deploymentCounts);
        case "DaemonSet":
          return workloadState(await unlessMissing(apps.readNamespacedDaemonSet(id)), daemonSetCounts);
        default:
          return kind satisfies never;
      }
    },
    async externalSecretStatus(namespace, name) {
      const id = { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace, name };
      const found = (await unlessMissing(custom.getNamespacedCustomObject(id))) as ExternalSecret | undefined;
      if (!found) return "there is no such ExternalSecret";
      const condition = found.status?.conditions?.find(({ type }) => type === "Ready");
      return condition ? `${condition.reason}: ${condition.message}` : "External Secrets has not looked at it yet";
    },
  };
}

interface ExternalSecret {
  status?: { conditions?: { type: string; reason?: string; message?: string }[] };
}

interface Counts {
  readonly desired: number;
  readonly updated: number;
  readonly available: number;
}
interface AnyWorkload {
  metadata?: { generation?: number };
  spec?: { replicas?: number; template?: { metadata?: { annotations?: Record<string, string> } } };
  status?: {
    observedGeneration?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
  };
}

function deploymentCounts({ spec, status }: AnyWorkload): Counts {
  const [updated, available] = [status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0];
  return { desired: spec?.replicas ?? 1, updated, available };
}

function daemonSetCounts({ status }: AnyWorkload): Counts {
  const [updated, available] = [status?.updatedNumberScheduled ?? 0, status?.numberAvailable ?? 0];
  return { desired: status?.desiredNumberScheduled ?? 0, updated, available };
}

function workloadState(found: AnyWorkload | undefined, countsOf: (found: AnyWorkload) => Counts): Workload | undefined {
  if (!found) return undefined;
  const annotations = found.spec?.template?.metadata?.annotations ?? {};
  const { desired, updated, available } = countsOf(found);
  if ((found.status?.observedGeneration ?? 0) < (found.metadata?.generation ?? 0)) {
    return { annotations, waitsFor: "its controller has not seen the change yet" };
  }
  if (updated < desired) return { annotations, waitsFor: `${updated} of ${desired} replicas are updated` };
  if (available < desired) return { annotations, waitsFor: `${available} of ${desired} replicas are available` };
  return { annotations, waitsFor: undefined };
}

async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}
