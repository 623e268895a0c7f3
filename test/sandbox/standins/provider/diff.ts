import { type PropertyPath, parsePath, pathContains } from "./propertyPath";
import { isMap, type PropertyValue } from "./propertyValues";

export interface Change {
  readonly path: PropertyPath;
  readonly kind: "add" | "delete" | "update";
  /** Whether the resource has to be replaced for it. */
  readonly replace: boolean;
}

export interface Diff {
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
}

/** The places where two values differ, as deep as both are maps or both are lists. */
export function differences(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: PropertyPath = [],
): Change[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ path, kind: "add", replace: false }];
  if (after === undefined) return [{ path, kind: "delete", replace: false }];
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const indexes = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i);
    return indexes.flatMap((i) => differences(before[i], after[i], [...path, i]));
  }
  return before === after ? [] : [{ path, kind: "update", replace: false }];
}

/** The changes without those that the resource option `ignoreChanges` names. */
export function withoutIgnored(changes: readonly Change[], ignoreChanges: readonly string[]): Change[] {
  const ignored = ignoreChanges.map(parsePath);
  return changes.filter(({ path }) => !ignored.some((pattern) => pathContains(pattern, path)));
}
