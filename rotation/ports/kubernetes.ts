import { ApiException, AppsV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import pRetry from "p-retry";
import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { describeError } from "../errors";
import { KubernetesError } from "./kubernetesError";
import { type Workload, type WorkloadObject, workloadState } from "./workload";

type WorkloadId = Pick<ConsumerDeclaration, "namespace" | "kind" | "name">;

export interface KubernetesSecret {
  readonly annotations: Readonly<Record<string, string>>;
  /** The bytes, which need not be a text. */
  readonly data: Readonly<Record<string, Buffer>>;
}

/** What the driver needs of Kubernetes: it only reads. Undefined: there is no such object. */
export interface Kubernetes {
  secret(namespace: string, name: string): Promise<KubernetesSecret | undefined>;
  workload(workload: WorkloadId): Promise<Workload | undefined>;
  /** What External Secrets says about it last, e.g. `SecretSyncedError: …`. */
  externalSecretStatus(namespace: string, name: string): Promise<string>;
}

/** @param config  of the cluster; its current context counts */
export function kubernetes(config: KubeConfig): Kubernetes {
  const [core, apps, custom] = [CoreV1Api, AppsV1Api, CustomObjectsApi].map((api) =>
    config.makeApiClient(api as never),
  ) as [CoreV1Api, AppsV1Api, CustomObjectsApi];
  return {
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

async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  const ask = async () => {
    try {
      return await answered(request());
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw plain(error);
    }
  };
  return pRetry(ask, { ...retries, shouldRetry: ({ error }) => error instanceof KubernetesError && error.mayPass });
}

/** A hiccup is got over; who waits for something goes on asking after that (waitFor). Milliseconds. */
const retries = { retries: 3, minTimeout: 100, maxRetryTime: 5_000 } as const;

/** The client itself waits for ever for an API server that is there and says nothing. */
async function answered<T>(request: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerSeconds} s`)), answerSeconds * 1000);
  });
  return Promise.race([request, tooLong]).finally(() => clearTimeout(timer));
}

const answerSeconds = 20;

function plain(error: unknown): KubernetesError {
  if (error instanceof ApiException) {
    const { message = "" } = bodyOf(error);
    return new KubernetesError(`the API server answers ${error.code}: ${message}`, error.code);
  }
  return new KubernetesError(`the API server is not reached: ${describeError(rootOf(error))}`, undefined);
}

/** fetch itself says no more than that it failed. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

/** It may be parsed or not. */
function bodyOf({ body }: ApiException<unknown>): { message?: string } {
  try {
    return (typeof body === "string" ? JSON.parse(body) : body) ?? {};
  } catch {
    return {};
  }
}
