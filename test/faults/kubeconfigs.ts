import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

export function defaultConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/** The same user at another address. */
export function elsewhere(server: string): KubeConfig {
  const config = defaultConfig();
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (!cluster || !user) throw new Error("the kubeconfig names no cluster");
  config.loadFromClusterAndUser({ ...cluster, server }, user);
  return config;
}

/** A user who may do nothing. */
export async function powerless(namespace: string): Promise<KubeConfig> {
  const config = defaultConfig();
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: "powerless" } } });
  const body = { spec: { audiences: ["https://kubernetes.default.svc"] } };
  const { status } = await core.createNamespacedServiceAccountToken({ namespace, name: "powerless", body });
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig names no cluster");
  config.loadFromClusterAndUser(cluster, { name: "powerless", token: status?.token ?? "" });
  return config;
}
