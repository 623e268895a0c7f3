import { type Change, type Diff, differences, withoutIgnored } from "../provider/diff";
import type { PropertyPath } from "../provider/propertyPath";
import { containsUnknown, isMap, type PropertyMap, type PropertyValue, revealMap } from "../provider/propertyValues";
import type { DiffCall } from "../provider/provider";
import { normalize } from "./check";
import { parseCheckpoint } from "./checkpoint";
import type { KubernetesConfig } from "./config";
import { annotationOf, nameOf, namespaceOf, parseType, valueAt, withValueAt } from "./objects";

/**
 * What the program wants now, against the live object as far as the program spoke of it before: fields that the cluster
 * fills in are no difference, fields that someone else changed are one, as soon as a refresh has seen them.
 */
export function diffObject({ type, oldOutputs, inputs, ignoreChanges }: DiffCall<KubernetesConfig>): Diff {
  const { live, inputs: oldInputs } = parseCheckpoint(oldOutputs);
  const wanted = withNamespace(normalize(revealMap(inputs)));
  const known = withNamespace(prune(live, normalize(oldInputs)));
  const before = nameOf(wanted) === undefined ? known : withValueAt(known, ["metadata", "name"], nameOf(live));
  const { isPatch } = parseType(type, wanted);
  const forced = isPatch ? identity : [...identity, ...(forceNew[`${wanted.apiVersion}/${wanted.kind}`] ?? [])];
  const changes = differences(before, wanted).map((change) => ({ ...change, replace: forces(change, forced, wanted) }));
  const counted = withoutIgnored(changes, ignoreChanges);
  return {
    changes: counted,
    deleteBeforeReplace: counted.some(({ replace }) => replace) && isSameObject(wanted, live),
  };
}

const identity = ["metadata.name", "metadata.namespace"];

// Of the kinds that the API server lets nobody change in place.
const forceNew: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/ConfigMap": ["binaryData", "data"],
  "v1/Secret": ["type", "stringData", "data"],
  "v1/Service": ["spec.clusterIP"],
};

/** Whether a change is of such a field, in one, or of something that holds one. */
function forces({ path, kind }: Change, fields: readonly string[], wanted: PropertyMap): boolean {
  if (kind === "delete" && path.length === 1 && path[0] === "metadata") return true;
  return fields.some((field) => {
    const keys = field.split(".");
    const shared = Math.min(keys.length, path.length);
    if (!keys.slice(0, shared).every((key, i) => key === path[i])) return false;
    return path.length >= keys.length || holds(wanted, keys, path);
  });
}

function holds(wanted: PropertyMap, keys: readonly string[], path: PropertyPath): boolean {
  return valueAt(wanted, keys) !== undefined && path.every((step) => typeof step === "string");
}

/** If the name is taken by what is replaced, that has to go first. */
function isSameObject(wanted: PropertyMap, live: PropertyMap): boolean {
  const autonamed = annotationOf(wanted, "pulumi.com/autonamed") === "true";
  const sameNamespace = (namespaceOf(wanted) ?? "default") === (namespaceOf(live) ?? "default");
  return !autonamed && nameOf(wanted) === nameOf(live) && sameNamespace;
}

function withNamespace(object: PropertyMap): PropertyMap {
  const namespace = namespaceOf(object) ?? "default";
  return containsUnknown(valueAt(object, ["metadata", "namespace"]))
    ? object
    : withValueAt(object, ["metadata", "namespace"], namespace);
}

/** The part of `source` that has the shape of `target`. */
export function prune(source: PropertyMap, target: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(source).flatMap(([key, value]) => {
      const wanted = target[key];
      return wanted === undefined ? [] : [[key, pruneValue(value, wanted)]];
    }),
  );
}

function pruneValue(source: PropertyValue, target: PropertyValue): PropertyValue {
  if (isMap(source) && isMap(target)) return prune(source, target);
  if (!Array.isArray(source) || !Array.isArray(target)) return source;
  return source.slice(0, target.length).map((item, i) => pruneValue(item, target[i] ?? item));
}
