import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";

export interface DeployOptions {
  /** Of the pod; default: one that is ready at once and ends when it is told to. */
  readonly command?: readonly string[];
  readonly env?: { readonly name: string; readonly secret: string; readonly key: string };
  /** A Kubernetes Secret whose files it has, and where. */
  readonly volume?: { readonly secret: string; readonly path: string };
  /** Port of $POD_IP that takes connections when it is ready. */
  readonly tcpPort?: number;
  /** Port of $POD_IP where it answers 200 to a GET when it is ready; default: it is ready when it runs. */
  readonly readyPort?: number;
  /** A file: a pod that starts while it is there is not ready until it is gone, as a service that cannot work. */
  readonly brokenWhile?: string;
  /** How long a pod has to be ready before it is available; default: not at all. */
  readonly minReadySeconds?: number;
  /** How long a pod has to end after it was told to; default: a second. */
  readonly graceSeconds?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
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
  /** As `kubectl rollout restart`. */
  restart(namespace: string, name: string): Promise<void>;
  /** Resolves when every replica is of its newest template and available, and none is of an older one. */
  rolledOut(namespace: string, name: string): Promise<void>;
  pause(namespace: string, name: string, paused: boolean): Promise<void>;
  /** How many of its pods serve. */
  available(namespace: string, name: string): Promise<number>;
  /** How many templates the Deployment has had: each rollout is one more revision. */
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
      const { env, brokenWhile, volume, tcpPort } = options;
      const readyPort = brokenWhile === undefined ? options.readyPort : 8080;
      const { command = brokenWhile ? [process.execPath, "-e", brokenWhileThere, brokenWhile] : sleeps } = options;
      const labels = { app: name };
      const variables = [
        ...(env ? [{ name: env.name, valueFrom: { secretKeyRef: { name: env.secret, key: env.key } } }] : []),
        ...(readyPort || tcpPort ? [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }] : []),
      ];
      const container = {
        ...{ name: "main", image: "local", command: [...command], env: variables },
        ...(readyPort && { readinessProbe: { httpGet: { port: readyPort }, periodSeconds: 1 } }),
        ...(tcpPort && { readinessProbe: { tcpSocket: { port: tcpPort }, periodSeconds: 1 } }),
        ...(volume && { volumeMounts: [{ name: "secret", mountPath: volume.path, readOnly: true }] }),
      };
      const body = {
        metadata: { name, namespace, ...(options.annotations && { annotations: options.annotations }) },
        spec: {
          replicas: 2,
          minReadySeconds: options.minReadySeconds ?? 0,
          selector: { matchLabels: labels },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: {
            metadata: { labels, ...(options.podAnnotations && { annotations: options.podAnnotations }) },
            spec: {
              terminationGracePeriodSeconds: options.graceSeconds ?? 1,
              containers: [container],
              ...(volume && { volumes: [{ name: "secret", secret: { secretName: volume.secret } }] }),
            },
          },
        },
      };
      await apps.createNamespacedDeployment({ namespace, body });
    },
    async restart(namespace, name) {
      const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      const body = { spec: { template: { metadata: { annotations } } } };
      await apps.patchNamespacedDeployment({ namespace, name, body }, merge);
    },
    async rolledOut(namespace, name) {
      const isDone = async () => {
        const { metadata, spec, status = {} } = await apps.readNamespacedDeployment({ namespace, name });
        const { observedGeneration = 0, updatedReplicas, replicas, availableReplicas } = status;
        const counts = [updatedReplicas, replicas, availableReplicas];
        return observedGeneration >= (metadata?.generation ?? 0) && counts.every((one) => one === spec?.replicas);
      };
      const options = { timeoutMs: 60_000, intervalMs: 100 };
      await waitFor(`Deployment ${namespace}/${name} to have rolled out`, isDone, options);
    },
    async pause(namespace, name, paused) {
      const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
      await apps.patchNamespacedDeployment({ namespace, name, body: { spec: { paused } } }, merge);
    },
    async available(namespace, name) {
      return (await apps.readNamespacedDeployment({ namespace, name })).status?.availableReplicas ?? 0;
    },
    async rollouts(namespace, name) {
      const { metadata } = await waitFor(
        `the controller to have seen Deployment ${namespace}/${name} as it is`,
        async () => {
          const { metadata, status } = await apps.readNamespacedDeployment({ namespace, name });
          return (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) && { metadata };
        },
        { timeoutMs: 30_000, intervalMs: 50 },
      );
      return Number(metadata?.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
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
