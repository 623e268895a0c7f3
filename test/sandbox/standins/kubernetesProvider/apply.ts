import { parsePath } from "../provider/propertyPath";
import type { PropertyMap } from "../provider/propertyValues";
import { ApiError, type KubernetesApi } from "./api";
import { retryNotFound } from "./awaiting";
import { getLive, pathOf, resourceOf } from "./cluster";
import type { KubernetesConfig } from "./config";
import { isManagedByOthers, takeOver } from "./managedFields";
import { annotationOf, type KubernetesObject, metadataOf, nameOf, namespaceOf, valueAt, withValueAt } from "./objects";

export interface Apply {
  readonly config: KubernetesConfig;
  readonly isPatch: boolean;
  /** What to apply, revealed. */
  readonly inputs: KubernetesObject;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
}

/**
 * Creates an object, which must not exist; or applies a patch to one, which for workloads must exist, as the API server
 * refuses one that has nothing but what a patch says.
 */
export async function createObject(apply: Apply): Promise<KubernetesObject> {
  const { config, inputs, isPatch, signal } = apply;
  return retryNotFound(async () => {
    if (isPatch || config.upsertExistingObjects) return applyServerSide(apply, forced(apply));
    const { collection } = await resourceOf(config.api, inputs, namespaceOf(inputs), signal);
    const query = { fieldManager: "pulumi-kubernetes" };
    return config.api.send({ method: "POST", path: collection, query, body: inputs, signal });
  }, signal);
}

/** Applies changed inputs to the object. */
export async function updateObject(
  apply: Apply & { readonly ignoreChanges: readonly string[] },
): Promise<KubernetesObject> {
  const { config, isPatch, fieldManager, signal } = apply;
  const before = isPatch
    ? await getLive(config.api, apply.inputs, signal)
    : await takeOverFields(config.api, apply.inputs, fieldManager, signal);
  const inputs = withoutIgnoredFields(apply.inputs, before, fieldManager, apply.ignoreChanges);
  const force = forced(apply) || (metadataOf(before).managedFields ?? null) === null;
  return applyServerSide({ ...apply, inputs }, force);
}

/** Gives up every field that `fieldManager` manages: what nobody else manages goes away or back to its default. */
export async function relinquish(
  api: KubernetesApi,
  object: KubernetesObject,
  fieldManager: string,
  signal: AbortSignal,
): Promise<void> {
  const namespace = namespaceOf(object);
  const metadata = { name: nameOf(object), ...(namespace === undefined ? {} : { namespace }) };
  const body = { apiVersion: object.apiVersion, kind: object.kind, metadata };
  await serverSide(api, await pathOf(api, object, signal), body, { fieldManager }, signal);
}

export async function deleteObject(
  api: KubernetesApi,
  object: KubernetesObject,
  inputs: PropertyMap,
  signal: AbortSignal,
) {
  const wanted = annotationOf(inputs, "pulumi.com/deletionPropagationPolicy")?.toLowerCase();
  const policies: Readonly<Record<string, string>> = { orphan: "Orphan", background: "Background" };
  const body = { propagationPolicy: policies[wanted ?? ""] ?? "Foreground" };
  await api.send({ method: "DELETE", path: await pathOf(api, object, signal), body, signal });
}

function forced({ inputs, config }: Apply): boolean {
  return config.enablePatchForce || annotationOf(inputs, "pulumi.com/patchForce") === "true";
}

async function applyServerSide(
  { config, inputs, fieldManager, signal }: Apply,
  force: boolean,
): Promise<KubernetesObject> {
  const path = await pathOf(config.api, inputs, signal);
  try {
    return await serverSide(config.api, path, inputs, { fieldManager, force: String(force) }, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    throw new Error(
      "server-side apply field conflict detected: another field manager owns a field; take it with the annotation " +
        '"pulumi.com/patchForce" or leave it out\n' +
        `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`,
      { cause: error },
    );
  }
}

function serverSide(
  api: KubernetesApi,
  path: string,
  body: unknown,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  return api.send({ method: "PATCH", path, query, body, contentType: "application/apply-patch+yaml", signal });
}

/** The live object, after what was written by the predecessors of `fieldManager` became its own. */
async function takeOverFields(
  api: KubernetesApi,
  object: KubernetesObject,
  fieldManager: string,
  signal: AbortSignal,
  attempts = 5,
): Promise<KubernetesObject> {
  const live = await getLive(api, object, signal);
  const managedFields = takeOver(live, fieldManager);
  if (!managedFields) return live;
  const body = [
    { op: "replace", path: "/metadata/managedFields", value: managedFields },
    { op: "replace", path: "/metadata/resourceVersion", value: metadataOf(live).resourceVersion },
  ];
  try {
    const contentType = "application/json-patch+json";
    return await api.send({ method: "PATCH", path: await pathOf(api, live, signal), body, contentType, signal });
  } catch (error) {
    // A controller wrote in between: what it wrote has to be seen first.
    if (!(error instanceof ApiError && error.status === 409) || attempts <= 1) throw error;
    return takeOverFields(api, object, fieldManager, signal, attempts - 1);
  }
}

/**
 * The inputs, where a field under `ignoreChanges` is left to the others who manage it, or stays as it is in the cluster.
 * As in the real provider, only a path of plain names finds its field here; with any other the recorded input is applied.
 */
function withoutIgnoredFields(
  inputs: KubernetesObject,
  live: KubernetesObject,
  fieldManager: string,
  ignoreChanges: readonly string[],
): KubernetesObject {
  return ignoreChanges.reduce<KubernetesObject>((result, ignored) => {
    const keys = parsePath(ignored).filter((step) => typeof step === "string");
    if (!keys.every((key) => /^\w+$/.test(key)) || keys.length < parsePath(ignored).length) return result;
    const current = valueAt(live, keys);
    if (isManagedByOthers(live, keys, fieldManager)) return withField(result, keys, undefined);
    return current === undefined ? result : withField(result, keys, current);
  }, inputs);
}

function withField(
  { apiVersion, kind, ...rest }: KubernetesObject,
  keys: readonly string[],
  value: PropertyMap[string] | undefined,
) {
  return { ...withValueAt(rest, keys, value), apiVersion, kind };
}
