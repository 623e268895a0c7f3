import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

export interface DeployOptions {
  /** Of the pod; default: one that is ready at once and ends when it is told to. */
  readonly command?: readonly string[];
  readonly env?: { readonly name: string; readonly secret: string; readonly key: string };
  /** Port of $POD_IP where it answers 200 to a GET when it is ready; default: it is ready when it runs. */
  readonly readyPort?: number;
  /** A file: a pod that starts while it is there is not ready until it is gone, as a service that cannot work. */
  readonly brokenWhile?: string;
}

const sleeps = ["/bin/sleep", "infinity"];
const brokenWhileThere = `const { existsSync } = require("node:fs");
const [, file] = process.argv, broken = existsSync(file);
require("node:http").createServer((_, response) => {
  response.statusCode = broken && existsSync(file) ? 503 : 200;
  response.end();
}).listen(8080, process.env.POD_IP);`;

/** Workloads whose pods do nothing but run: as light as a consumer can be. */
export interface Workloads {
  createNamespace(namespace: string): Promise<void>;
  deploy(namespace: string, name: string, options?: DeployOptions): Promise<void>;
  pause(namespace: string, name: string, paused: boolean): Promise<void>;
  /** How many of its pods serve. */
  available(namespace: string, name: string): Promise<number>;
  /** How many templates the Deployment has had: each rollout makes one more ReplicaSet. */
  rollouts(namespace: string, name: string): Promise<number>;
  annotations(namespace: string, name: string): Promise<Record<string, string>>;
  /** The decoded data of a Kubernetes Secret. */
  secretData(namespace: string, name: string): Promise<Record<string, string>>;
}

/** @param kubeconfig  a path; default: that of the environment */
export function workloads(kubeconfig?: string): Workloads {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
  return {
    async createNamespace(name) {
      await core.createNamespace({ body: { metadata: { name } } });
      const body = { metadata: { name: "default", namespace: name } };
      await core.createNamespacedServiceAccount({ namespace: name, body }).catch((error: { code?: number }) => {
        if (error.code !== 409) throw error;
      });
    },
    async deploy(namespace, name, options = {}) {
      const { env, brokenWhile } = options;
      const readyPort = brokenWhile === undefined ? options.readyPort : 8080;
      const { command = brokenWhile ? [process.execPath, "-e", brokenWhileThere, brokenWhile] : sleeps } = options;
      const labels = { app: name };
      const variables = [
        ...(env ? [{ name: env.name, valueFrom: { secretKeyRef: { name: env.secret, key: env.key } } }] : []),
        ...(readyPort ? [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }] : []),
      ];
      const container = {
        ...{ name: "main", image: "local", command: [...command], env: variables },
        ...(readyPort && { readinessProbe: { httpGet: { port: readyPort }, periodSeconds: 1 } }),
      };
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
              containers: [container],
            },
          },
        },
      };
      await apps.createNamespacedDeployment({ namespace, body });
    },
    async pause(namespace, name, paused) {
      const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      await apps.patchNamespacedDeployment({ namespace, name, body: { spec: { paused } } }, merge);
    },
    async available(namespace, name) {
      return (await apps.readNamespacedDeployment({ namespace, name })).status?.availableReplicas ?? 0;
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
