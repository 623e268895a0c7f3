import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  loadYaml,
  type V1CustomResourceDefinition,
} from "@kubernetes/client-node";
import { waitFor } from "../process/waitFor";

export const namespace = "shop";

const establishedMs = 20_000;

export function kubeConfig(file: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}

/** Creates External Secrets Operator's custom resources and waits until the API server serves them. */
export async function seedCustomResources(config: KubeConfig, folder: string): Promise<void> {
  const api = config.makeApiClient(ApiextensionsV1Api);
  const objects = config.makeApiClient(CustomObjectsApi);
  const seed = async (file: string) => {
    const body = loadYaml<V1CustomResourceDefinition>(readFileSync(join(folder, file), "utf8"));
    await api.createCustomResourceDefinition({ body });
    const { group, versions, names } = body.spec;
    const version = versions.find(({ served, storage }) => served && storage)?.name ?? "";
    const list = () => objects.listClusterCustomObject({ group, version, plural: names.plural });
    await waitFor(`custom resource ${names.kind}`, list, { timeoutMs: establishedMs });
  };
  await Promise.all(readdirSync(folder).map(seed));
}

/** Creates the application's namespace. Its default service account is not left to a controller: pods need it at once. */
export async function seedNamespace(config: KubeConfig): Promise<void> {
  const api = config.makeApiClient(CoreV1Api);
  await api.createNamespace({ body: { metadata: { name: namespace } } });
  const body = { metadata: { name: "default", namespace } };
  await api.createNamespacedServiceAccount({ namespace, body }).catch((error: { code?: number }) => {
    if (error.code !== 409) throw error; // the controller was faster
  });
}
