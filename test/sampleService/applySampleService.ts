import {
  AppsV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Namespace,
} from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";
import { defaults, type SampleServiceOptions, sampleServiceObjects, sampleServices } from "./manifests";

const fieldManager = "sample-service";

/**
 * Applies the namespace, Services and Deployments server-side. What other field managers set stays: the annotations of
 * a rotation among it, so that applying again restarts nothing.
 */
export async function applySampleService(
  kubeconfig: KubeConfig,
  options: Partial<SampleServiceOptions> = {},
): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(kubeconfig);
  const name = options.namespace ?? defaults.namespace;
  const namespace: V1Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  for (const object of [namespace, ...sampleServiceObjects(options)]) {
    await api.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
  }
}

/**
 * Waits until every replica of both Deployments is ready and of the newest template. Older pods may still be ending.
 * @throws {Error} when the time is up.
 */
export async function sampleServiceReady(
  kubeconfig: KubeConfig,
  timeoutMs: number,
  namespace: string = defaults.namespace,
): Promise<void> {
  const api = kubeconfig.makeApiClient(AppsV1Api);
  for (const name of sampleServices) {
    await waitFor(
      `Deployment ${namespace}/${name} to be rolled out`,
      async () => {
        const { metadata, spec, status } = await api.readNamespacedDeployment({ name, namespace });
        const seen = status?.observedGeneration === metadata?.generation;
        const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas];
        return seen && counts.every((count) => count === spec?.replicas);
      },
      { timeoutMs },
    );
  }
}
