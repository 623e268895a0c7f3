import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CoreV1Api, KubeConfig, loadYaml, RbacAuthorizationV1Api, type V1ClusterRole } from "@kubernetes/client-node";

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
  return serviceAccount(namespace, "powerless");
}

/** The content of the kubeconfig of a user who may do what the documentation says is needed, and that in one namespace. */
export async function documented(namespace: string): Promise<string> {
  const api = defaultConfig().makeApiClient(RbacAuthorizationV1Api);
  const body = loadYaml<V1ClusterRole>(
    readFileSync(resolve(__dirname, "../../infra/permissions/kubernetes.yaml"), "utf8"),
  );
  await api.createClusterRole({ body }).catch((error: { code?: number }) => {
    if (error.code !== 409) throw error; // another suite was faster
  });
  const name = "driver";
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: body.metadata?.name ?? "" };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  await api.createNamespacedRoleBinding({ namespace, body: { metadata: { name }, roleRef, subjects } });
  return (await serviceAccount(namespace, name)).exportConfig();
}

async function serviceAccount(namespace: string, name: string): Promise<KubeConfig> {
  const config = defaultConfig();
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  const body = { spec: { audiences: ["https://kubernetes.default.svc"] } };
  const { status } = await core.createNamespacedServiceAccountToken({ namespace, name, body });
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig names no cluster");
  config.loadFromClusterAndUser(cluster, { name, token: status?.token ?? "" });
  return config;
}
