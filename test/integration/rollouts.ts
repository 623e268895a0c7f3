import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  ApiextensionsV1Api,
  AppsV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1ReplicaSet,
} from "@kubernetes/client-node";

const api = { group: "argoproj.io", version: "v1alpha1", plural: "rollouts" };
const schema = { type: "object", x_kubernetes_preserve_unknown_fields: true };

interface Rollout {
  metadata: { name: string; uid: string; generation: number };
  spec: {
    replicas: number;
    selector: { matchLabels: object };
    template: { metadata: { labels: object }; spec: object };
  };
}

/**
 * A small stand-in for the controller of Argo Rollouts: each template gets a ReplicaSet, which takes over when its pods are available.
 * The statuses are those of the real one, as its code writes them; steps and traffic it has none.
 */
export interface Rollouts {
  deploy(name: string, pod: object): Promise<void>;
  /** ReplicaSets that it has made for a Rollout: one a template. */
  templates(name: string): Promise<number>;
  /** Whether the next rollouts are aborted, as by an analysis that fails, until `retry`. */
  abort(isAborted: boolean): void;
  stop(): Promise<void>;
}

export async function startRollouts(namespace: string): Promise<Rollouts> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const [custom, apps] = [config.makeApiClient(CustomObjectsApi), config.makeApiClient(AppsV1Api)];
  const definitions = config.makeApiClient(ApiextensionsV1Api);
  await definitions.createCustomResourceDefinition({
    body: {
      metadata: { name: "rollouts.argoproj.io" },
      spec: {
        group: api.group,
        names: { kind: "Rollout", plural: api.plural, singular: "rollout" },
        scope: "Namespaced",
        versions: [
          {
            ...{ name: api.version, served: true, storage: true, subresources: { status: {} } },
            schema: { openAPIV3Schema: { type: "object", properties: { spec: schema, status: schema } } },
          },
        ],
      },
    },
  });
  const at = { ...api, namespace };
  const list = async () => ((await custom.listNamespacedCustomObject(at)) as { items: Rollout[] }).items;
  const ofRollout = async (name: string) =>
    (await apps.listNamespacedReplicaSet({ namespace })).items.filter(({ metadata }) =>
      metadata?.ownerReferences?.some((owner) => owner.kind === "Rollout" && owner.name === name),
    );
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  const scale = (set: V1ReplicaSet, replicas: number) =>
    apps.patchNamespacedReplicaSet({ namespace, name: set.metadata?.name ?? "", body: { spec: { replicas } } }, merge);
  let isAborted = false;
  let isStopped = false;
  const reconcile = async ({ metadata, spec }: Rollout) => {
    const hash = createHash("sha256").update(JSON.stringify(spec.template)).digest("hex").slice(0, 10);
    const sets = await ofRollout(metadata.name);
    const newest = sets.find((set) => set.metadata?.name === `${metadata.name}-${hash}`);
    if (!newest) await apps.createNamespacedReplicaSet({ namespace, body: replicaSet(metadata, spec, hash) });
    const available = newest?.status?.availableReplicas ?? 0;
    const isUp = available >= spec.replicas && !isAborted;
    const older = sets.filter((set) => set !== newest);
    if (isUp) for (const set of older.filter((one) => one.spec?.replicas !== 0)) await scale(set, 0);
    const status = {
      observedGeneration: String(metadata.generation),
      currentPodHash: hash,
      ...(isUp && { stableRS: hash }),
      replicas: sets.reduce((sum, set) => sum + (set.status?.replicas ?? 0), 0),
      updatedReplicas: newest?.status?.replicas ?? 0,
      availableReplicas: sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0),
      abort: isAborted,
      phase: isAborted ? "Degraded" : isUp ? "Healthy" : "Progressing",
      message: isAborted ? "RolloutAborted: metric failed" : "",
    };
    await custom.patchNamespacedCustomObjectStatus({ ...at, name: metadata.name, body: { status } }, merge);
  };
  const running = (async () => {
    while (!isStopped) {
      for (const one of await list().catch(() => [])) await reconcile(one).catch(() => undefined);
      await delay(100);
    }
  })();
  return {
    async deploy(name, pod) {
      const labels = { app: name };
      const spec = { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
      const body = { apiVersion: `${api.group}/${api.version}`, kind: "Rollout", metadata: { name }, spec };
      await custom.createNamespacedCustomObject({ ...at, body });
    },
    templates: async (name) => (await ofRollout(name)).length,
    abort(is) {
      isAborted = is;
    },
    async stop() {
      isStopped = true;
      await running;
      await definitions.deleteCustomResourceDefinition({ name: "rollouts.argoproj.io" });
    },
  };
}

function replicaSet({ name, uid }: Rollout["metadata"], spec: Rollout["spec"], hash: string): V1ReplicaSet {
  const owner = { apiVersion: `${api.group}/${api.version}`, kind: "Rollout", name, uid, controller: true };
  const labels = { ...spec.template.metadata.labels, "rollouts-pod-template-hash": hash };
  return {
    metadata: { name: `${name}-${hash}`, ownerReferences: [owner] },
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } } as NonNullable<
        V1ReplicaSet["spec"]
      >["template"] &
        object,
    },
  };
}
