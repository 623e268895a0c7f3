import { asMap, asString, type PropertyMap, type PropertyValue } from "../provider/propertyValues";

/** A Kubernetes object as the API server speaks of it. */
export interface KubernetesObject extends PropertyMap {
  apiVersion: string;
  kind: string;
}

export function metadataOf(object: PropertyMap): PropertyMap {
  return asMap(object.metadata);
}

export function nameOf(object: PropertyMap): string | undefined {
  return asString(metadataOf(object).name);
}

export function namespaceOf(object: PropertyMap): string | undefined {
  return asString(metadataOf(object).namespace) || undefined;
}

export function annotationOf(object: PropertyMap, name: string): string | undefined {
  return asString(asMap(metadataOf(object).annotations)[name]) || undefined;
}

/** `namespace/name`, or the name alone. */
export function idOf(object: PropertyMap): string {
  const namespace = namespaceOf(object);
  return namespace === undefined ? `${nameOf(object)}` : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string | undefined; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}

export interface TypeOfObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** A `…Patch` type: it changes an object that someone else made. */
  readonly isPatch: boolean;
}

/**
 * What a type token is about: `kubernetes:apps/v1:DeploymentPatch`, `kubernetes:core/v1:Secret`,
 * `kubernetes:external-secrets.io/v1:ExternalSecret`.
 */
export function parseType(type: string, given: PropertyMap = {}): TypeOfObject {
  const [, group = "", name = ""] = type.split(":");
  const kind = asString(given.kind) ?? (name.endsWith("Patch") ? name.slice(0, -"Patch".length) : name);
  const apiVersion = asString(given.apiVersion) ?? group.replace(/^core\//, "");
  return { apiVersion, kind, isPatch: name === `${kind}Patch` };
}

/** The value at a path of keys, undefined if there is none. */
export function valueAt(value: PropertyValue | undefined, keys: readonly string[]): PropertyValue | undefined {
  return keys.reduce<PropertyValue | undefined>((inner, key) => asMap(inner)[key], value);
}

/** A copy with another value at a path of keys; undefined takes it away. */
export function withValueAt(map: PropertyMap, keys: readonly string[], value: PropertyValue | undefined): PropertyMap {
  const [key, ...rest] = keys;
  if (key === undefined) return map;
  const { [key]: inner, ...others } = map;
  if (rest.length > 0) return { ...map, [key]: withValueAt(asMap(inner), rest, value) };
  return value === undefined ? others : { ...map, [key]: value };
}
