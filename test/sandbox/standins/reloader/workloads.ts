import {
  AppsV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1PodTemplateSpec,
} from "@kubernetes/client-node";

export interface ReloadableWorkload {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly template: V1PodTemplateSpec;
  readonly isDeployment: boolean;
  readonly isPaused: boolean;
  patch(body: object): Promise<unknown>;
}

/** The Deployments, DaemonSets and StatefulSets of a namespace. */
export async function workloadsIn(config: KubeConfig, namespace: string): Promise<ReloadableWorkload[]> {
  const apps = config.makeApiClient(AppsV1Api);
  const merge = setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch);
  const at = (name: string, body: object) => ({ namespace, name, body, fieldManager: "Reloader" });
  const [deployments, daemonSets, statefulSets] = await Promise.all([
    apps.listNamespacedDeployment({ namespace }),
    apps.listNamespacedDaemonSet({ namespace }),
    apps.listNamespacedStatefulSet({ namespace }),
  ]);
  const lists = [
    {
      items: deployments.items,
      patch: (name: string, body: object) => apps.patchNamespacedDeployment(at(name, body), merge),
    },
    {
      items: daemonSets.items,
      patch: (name: string, body: object) => apps.patchNamespacedDaemonSet(at(name, body), merge),
    },
    {
      items: statefulSets.items,
      patch: (name: string, body: object) => apps.patchNamespacedStatefulSet(at(name, body), merge),
    },
  ];
  return lists.flatMap(({ items, patch }, i) =>
    items.flatMap(({ metadata, spec }) => {
      const { name = "", annotations = {} } = metadata ?? {};
      if (!spec) return [];
      const isPaused = "paused" in spec && spec.paused === true;
      const own = { name, annotations, template: spec.template, isDeployment: i === 0, isPaused };
      return [{ ...own, patch: (body: object) => patch(name, body) }];
    }),
  );
}
