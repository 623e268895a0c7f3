import { UnknownValueError } from "@pulumi/policy";

/** Stands for what a preview cannot know yet. */
export const unknown = Symbol("unknown");

/** A property of a resource as plain data. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | typeof unknown
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/**
 * Copies properties out of the proxy in which a policy gets them. That proxy throws when an unknown property is read,
 * and the policy would be skipped for this resource; here the property becomes {@link unknown}, and the rest is judged.
 */
export function plain(value: unknown): Plain {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, i) => read(value, i));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, read(value, key)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined;
}

function read(holder: object, key: string | number): Plain {
  try {
    return plain(Reflect.get(holder, key));
  } catch (error) {
    if (error instanceof UnknownValueError) return unknown;
    throw error;
  }
}

/** The value at a path; unknown where one on the way is, undefined where there is none. */
export function at(value: Plain, ...path: readonly (string | number)[]): Plain {
  let found = value;
  for (const key of path) {
    if (found === unknown) return unknown;
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as { readonly [key: string | number]: Plain })[key];
  }
  return found;
}

export function textAt(value: Plain, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The elements at a path; none where there is no list, or an unknown one. */
export function listAt(value: Plain, ...path: readonly (string | number)[]): readonly Plain[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Plain[]) : [];
}

/** The entries at a path that are text, e.g. tags; others, such as unknown ones, are left out. */
export function textsAt(value: Plain, ...path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const found = at(value, ...path);
  if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** Whether something is there: a value, a non-empty list or object, or what is not known yet. */
export function isSet(value: Plain): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
