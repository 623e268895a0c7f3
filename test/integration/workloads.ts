import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";

/** Workloads whose pods do nothing but run: as light as a consumer can be. */
export interface Workloads {
  createNamespace(namespace: string): Promise<void>;
  /** @param command  of the pod; default: one that is ready at once and ends when it is told to */
  deploy(
    namespace: string,
    name: string,
    options?: { command?: string[]; env?: { name: string; secret: string; key: string } },
  ): Promise<void>;
  /** How many templates the Deployment has had: each rollout makes one more ReplicaSet. */
  rollouts(namespace: string, name: string): Promise<number>;
  annotations(namespace: string, name: string): Promise<Record<string, string>>;
  /** The decoded data of a Kubernetes Secret. */
  secretData(namespace: string, name: string): Promise<Record<string, string>>;
}

export function workloads(): Workloads {
  const config = new KubeConfig();
  config.loadFromDefault();
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  return {
    async createNamespace(name) {
      await core.createNamespace({ body: { metadata: { name } } });
      const body = { metadata: { name: "default", namespace: name } };
      await core.createNamespacedServiceAccount({ namespace: name, body }).catch((error: { code?: number }) => {
        if (error.code !== 409) throw error;
      });
    },
    async deploy(namespace, name, { command = ["/bin/sleep", "infinity"], env } = {}) {
      const labels = { app: name };
      const taken = env && [{ name: env.name, valueFrom: { secretKeyRef: { name: env.secret, key: env.key } } }];
      const body = {
        metadata: { name, namespace },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: {
            metadata: { labels },
            spec: {
              terminationGracePeriodSeconds: 1,
              containers: [{ name: "main", image: "local", command, ...(taken && { env: taken }) }],
            },
          },
        },
      };
      await apps.createNamespacedDeployment({ namespace, body });
    },
    async rollouts(namespace, name) {
      const { items } = await apps.listNamespacedReplicaSet({ namespace, labelSelector: `app=${name}` });
      return items.length;
    },
    async annotations(namespace, name) {
      const { spec } = await apps.readNamespacedDeployment({ namespace, name });
      return spec?.template.metadata?.annotations ?? {};
    },
    async secretData(namespace, name) {
      const { data } = await core.readNamespacedSecret({ namespace, name });
      return Object.fromEntries(
        Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
      );
    },
  };
}
