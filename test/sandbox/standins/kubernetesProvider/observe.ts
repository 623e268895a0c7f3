import { asString, isMap } from "../provider/propertyValues";
import { ApiError, type KubernetesApi, type WatchEvent } from "./api";
import { type KubernetesObject, metadataOf } from "./objects";

export interface Collection {
  readonly path: string;
  readonly fieldSelector?: string;
}

/** Lists a collection, then follows it; calls back with all its objects at each change, until the signal ends it. */
export async function observe(
  api: KubernetesApi,
  { path, fieldSelector }: Collection,
  signal: AbortSignal,
  onChange: (objects: readonly KubernetesObject[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    const list = await api.send({ method: "GET", path, query: { fieldSelector }, signal });
    const objects = new Map(itemsOf(list).map((object) => [uidOf(object), object]));
    onChange([...objects.values()]);
    const resourceVersion = asString(metadataOf(list).resourceVersion);
    try {
      await api.watch({ path, query: { fieldSelector, resourceVersion }, signal }, (event) => {
        follow(objects, event);
        onChange([...objects.values()]);
      });
    } catch (error) {
      // 410: what was listed is too old to be followed. A closed stream is no error at all: both begin anew.
      if (signal.aborted || !(error instanceof ApiError && error.status === 410)) throw error;
    }
  }
}

/** The items of a list; the server leaves out what kind they are. */
export function itemsOf({ apiVersion, kind, items }: KubernetesObject): KubernetesObject[] {
  const itemKind = kind.replace(/List$/, "");
  return Array.isArray(items) ? items.filter(isMap).map((item) => ({ apiVersion, kind: itemKind, ...item })) : [];
}

function follow(objects: Map<string, KubernetesObject>, { type, object }: WatchEvent): void {
  if (type === "ERROR")
    throw new ApiError(Number(object.code), asString(object.reason) ?? "", asString(object.message) ?? "");
  if (type === "DELETED") objects.delete(uidOf(object));
  else if (type !== "BOOKMARK") objects.set(uidOf(object), object);
}

function uidOf(object: KubernetesObject): string {
  return asString(metadataOf(object).uid) ?? "";
}
