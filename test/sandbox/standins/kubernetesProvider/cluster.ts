import { asString, isMap, type PropertyMap } from "../provider/propertyValues";
import { ApiError, type KubernetesApi } from "./api";
import { type KubernetesObject, nameOf, namespaceOf } from "./objects";

/** One kind of object in the cluster and where it is found. */
export interface Resource {
  readonly collection: string;
  readonly namespaced: boolean;
}

/** Where objects of a kind are. @throws ApiError 404 if the cluster knows no such kind (yet) */
export async function resourceOf(
  api: KubernetesApi,
  { apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Resource> {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const found = await findResource(api, root, kind, signal);
  const namespaced = found.namespaced === true;
  const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "default")}` : "";
  return { collection: `${root}${scope}/${asString(found.name)}`, namespaced };
}

async function findResource(api: KubernetesApi, root: string, kind: string, signal: AbortSignal): Promise<PropertyMap> {
  const { resources } = await api.discover(root, signal);
  const all = Array.isArray(resources) ? resources.filter(isMap) : [];
  const found = all.find((resource) => resource.kind === kind && !asString(resource.name)?.includes("/"));
  if (found) return found;
  api.forgetDiscovered(); // its definition may be on its way
  throw new ApiError(404, "NotFound", `no matches for kind "${kind}" in version "${root.replace(/^\/apis?\//, "")}"`);
}

/** The path of an object. */
export async function pathOf(api: KubernetesApi, object: KubernetesObject, signal: AbortSignal): Promise<string> {
  const { collection } = await resourceOf(api, object, namespaceOf(object), signal);
  return `${collection}/${encodeURIComponent(nameOf(object) ?? "")}`;
}

/** The object as it is now. @throws ApiError 404 if there is none */
export async function getLive(
  api: KubernetesApi,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  return api.send({ method: "GET", path: await pathOf(api, object, signal), signal });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
