import {
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Node,
  type V1Pod,
  type V1PodStatus,
  type V1Secret,
} from "@kubernetes/client-node";

/** The identity of a pod: a later pod of the same name has another uid. */
export interface PodReference {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export function podReference({ metadata }: V1Pod): PodReference {
  const { name, namespace, uid } = metadata ?? {};
  if (!name || !namespace || !uid) throw new Error("the API server sent a pod without name, namespace or uid");
  return { name, namespace, uid };
}

/** The status code of an API server's refusal. */
export function refusalCode(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error ? Number(error.code) : undefined;
}

const gone = (error: unknown) => [404, 409].includes(refusalCode(error) ?? 0);

/** Everything that the kubelet asks of the API server. */
export class Cluster {
  readonly #config = new KubeConfig();
  readonly #api: CoreV1Api;

  constructor(kubeconfig: string) {
    this.#config.loadFromFile(kubeconfig);
    this.#api = this.#config.makeApiClient(CoreV1Api);
  }

  watchPods() {
    return makeInformer<V1Pod>(this.#config, "/api/v1/pods", () => this.#api.listPodForAllNamespaces());
  }

  watchSecrets() {
    return makeInformer<V1Secret>(this.#config, "/api/v1/secrets", () => this.#api.listSecretForAllNamespaces());
  }

  /** The Secret as it is now; undefined if there is none. */
  async readSecret(namespace: string, name: string): Promise<V1Secret | undefined> {
    try {
      return await this.#api.readNamespacedSecret({ namespace, name });
    } catch (error) {
      if (refusalCode(error) === 404) return undefined;
      throw error;
    }
  }

  async createNode(body: V1Node): Promise<void> {
    await this.#api.createNode({ body }).catch((error: unknown) => {
      if (!gone(error)) throw error; // after a restart of the kubelet it is there
    });
    // The API server marks every new node as not ready, which keeps a DaemonSet's pods away. The controller that takes the
    // mark off again would be a further part.
    const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    await this.#api.patchNode({ name: body.metadata?.name ?? "", body: { spec: { taints: null } } }, options);
  }

  async bind({ name, namespace, uid }: PodReference, node: string): Promise<void> {
    const body = { metadata: { name, namespace, uid }, target: { apiVersion: "v1", kind: "Node", name: node } };
    await this.#api.createNamespacedPodBinding({ name, namespace, body }).catch((error: unknown) => {
      if (!gone(error)) throw error;
    });
  }

  /** @returns false if the pod is gone */
  async patchStatus({ name, namespace, uid }: PodReference, status: V1PodStatus): Promise<boolean> {
    const body = { metadata: { uid }, status };
    const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    try {
      await this.#api.patchNamespacedPodStatus({ name, namespace, body }, options);
      return true;
    } catch (error) {
      if (gone(error)) return false;
      throw error;
    }
  }

  /** Removes the pod's object: what a kubelet does last, when nothing of the pod runs any more. */
  async finalise({ name, namespace, uid }: PodReference): Promise<void> {
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await this.#api.deleteNamespacedPod({ name, namespace, body }).catch((error: unknown) => {
      if (!gone(error)) throw error;
    });
  }

  async event({ name, namespace, uid }: PodReference, reason: string, message: string): Promise<void> {
    const now = new Date();
    const body = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
      ...{ type: "Warning", reason, message, count: 1, firstTimestamp: now, lastTimestamp: now },
      ...{ source: { component: "kubelet" }, reportingComponent: "kubelet", reportingInstance: "sandbox" },
    };
    await this.#api.createNamespacedEvent({ namespace, body });
  }
}
