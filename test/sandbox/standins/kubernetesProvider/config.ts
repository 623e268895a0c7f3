import { existsSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node";
import { asString, type PropertyMap, reveal } from "../provider/propertyValues";
import { KubernetesApi } from "./api";

/** The provider's configuration, as far as the stand-in heeds it. */
export interface KubernetesConfig {
  readonly api: KubernetesApi;
  /** For objects that name none. */
  readonly namespace: string | undefined;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
}

export function configure(args: PropertyMap): KubernetesConfig {
  const text = (name: string) => asString(reveal(args[name] ?? null));
  const flag = (name: string, variable: string) =>
    (text(name) ?? process.env[variable]) === "true" || args[name] === true;
  return {
    api: new KubernetesApi(once(() => kubeConfig(text("kubeconfig"), text("context")))),
    namespace: text("namespace"),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
  };
}

/** Loading the client takes a second: not before it is needed, so that previews and the start go without it. */
export const loadClient = once(() => import("@kubernetes/client-node"));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** From the given contents or file, else as kubectl does it. */
async function kubeConfig(given: string | undefined, context: string | undefined): Promise<KubeConfig> {
  const client = await loadClient();
  const config = new client.KubeConfig();
  if (given === undefined) config.loadFromDefault();
  else if (existsSync(given)) config.loadFromFile(given);
  else config.loadFromString(given);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}
