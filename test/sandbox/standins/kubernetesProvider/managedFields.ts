import { asString, isMap, type PropertyMap, type PropertyValue } from "../provider/propertyValues";
import { type KubernetesObject, metadataOf } from "./objects";

/**
 * What else has written for this user before: kubectl, and this provider itself when it creates an object. As the real
 * provider has it, a name stands for all that begin with it: `kubectl-annotate`, `kubectl-client-side-apply`.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/await.go: fixCSAFieldManagers
 */
const takenOver: readonly (readonly [prefix: string, operation: string])[] = [
  ["kubectl", "Apply"],
  ["kubectl", "Update"],
  ["before-first-apply", "Update"],
  ["pulumi-kubernetes", "Update"],
  ["pulumi-resource-kubernetes", "Update"],
];

export function entriesOf(object: KubernetesObject): PropertyMap[] {
  const { managedFields } = metadataOf(object);
  return Array.isArray(managedFields) ? managedFields.filter(isMap) : [];
}

/**
 * The object's managed fields after `fieldManager` took over what was written by the predecessors above, so that applying
 * the inputs finds no conflict with them. Undefined if there is nothing to take over.
 */
export function takeOver(object: KubernetesObject, fieldManager: string): PropertyMap[] | undefined {
  const entries = entriesOf(object);
  const isOld = ({ subresource, manager, operation }: PropertyMap) =>
    !subresource && takenOver.some(([prefix, by]) => operation === by && asString(manager)?.startsWith(prefix));
  const isOwn = (entry: PropertyMap) =>
    !entry.subresource && entry.manager === fieldManager && entry.operation === "Apply";
  const merged = entries.filter((entry) => isOld(entry) || isOwn(entry));
  if (!merged.some(isOld)) return undefined;
  const own: PropertyMap = {
    ...(merged.find(isOwn) ?? merged[0]),
    manager: fieldManager,
    operation: "Apply",
    apiVersion: asString(object.apiVersion) ?? "",
    fieldsV1: merged.reduce<PropertyMap>((all, { fieldsV1 }) => union(all, fieldsV1), {}),
  };
  return [...entries.filter((entry) => !merged.includes(entry)), own];
}

function union(left: PropertyMap, right: PropertyValue | undefined): PropertyMap {
  if (!isMap(right)) return left;
  const result = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const old = result[key];
    result[key] = isMap(old) ? union(old, value) : value;
  }
  return result;
}

/** Whether only others, and not `fieldManager`, manage the field at a path of keys or something in it. */
export function isManagedByOthers(object: KubernetesObject, keys: readonly string[], fieldManager: string): boolean {
  const holders = entriesOf(object).filter(({ fieldsV1 }) => hasField(fieldsV1, keys));
  return holders.length > 0 && holders.every(({ manager }) => manager !== fieldManager);
}

function hasField(fields: PropertyValue | undefined, keys: readonly string[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  if (!isMap(fields)) return false;
  const inner = fields[`f:${key}`];
  return inner !== undefined && hasField(inner, rest);
}
