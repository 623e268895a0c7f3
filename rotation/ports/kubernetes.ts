import { AppsV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { keptConnections } from "./keptConnections";
import { type KubernetesChecks, kubernetesChecks } from "./kubernetesChecks";
import { unlessMissing } from "./kubernetesRequest";
import { type Workload, type WorkloadObject, workloadState } from "./workload";

type WorkloadId = Pick<ConsumerDeclaration, "namespace" | "kind" | "name">;

export interface KubernetesSecret {
  readonly annotations: Readonly<Record<string, string>>;
  /** The bytes, which need not be a text. */
  readonly data: Readonly<Record<string, Buffer>>;
}

/** What the driver needs of Kubernetes: it only reads. Undefined: there is no such object. */
export interface Kubernetes extends KubernetesChecks {
  secret(namespace: string, name: string): Promise<KubernetesSecret | undefined>;
  workload(workload: WorkloadId): Promise<Workload | undefined>;
  /** What External Secrets says about it last, e.g. `SecretSyncedError: …`. */
  externalSecretStatus(namespace: string, name: string): Promise<string>;
}

/** @param given  of the cluster; its current context counts */
export function kubernetes(given: KubeConfig): Kubernetes {
  const config = keptConnections(given);
  const [core, apps, custom] = [CoreV1Api, AppsV1Api, CustomObjectsApi].map((api) =>
    config.makeApiClient(api as never),
  ) as [CoreV1Api, AppsV1Api, CustomObjectsApi];
  return {
    ...kubernetesChecks(config),
    async secret(namespace, name) {
      const found = await unlessMissing(() => core.readNamespacedSecret({ namespace, name }));
      if (!found) return undefined;
      const data = Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64")]);
      return { annotations: found.metadata?.annotations ?? {}, data: Object.fromEntries(data) };
    },
    async workload({ kind, namespace, name }) {
      const id = { namespace, name };
      const read = {
        Deployment: () => apps.readNamespacedDeployment(id),
        StatefulSet: () => apps.readNamespacedStatefulSet(id),
        DaemonSet: () => apps.readNamespacedDaemonSet(id),
      } satisfies Record<typeof kind, () => Promise<WorkloadObject>>;
      const found = await unlessMissing<WorkloadObject>(read[kind]);
      return found && workloadState(kind, found);
    },
    async externalSecretStatus(namespace, name) {
      const id = { group: "external-secrets.io", version: "v1", plural: "externalsecrets", namespace, name };
      const found = (await unlessMissing(() => custom.getNamespacedCustomObject(id))) as ExternalSecret | undefined;
      if (!found) return "there is no such ExternalSecret";
      const condition = found.status?.conditions?.find(({ type }) => type === "Ready");
      return condition ? `${condition.reason}: ${condition.message}` : "External Secrets has not looked at it yet";
    },
  };
}

interface ExternalSecret {
  status?: { conditions?: { type: string; reason?: string; message?: string }[] };
}
