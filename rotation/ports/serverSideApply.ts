import { type CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { unlessMissing } from "./kubernetesRequest";

/** Where an object is in the API. */
export interface ObjectPath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ServerSideApply {
  readonly fieldManager: string;
  /** Takes the fields that others own. */
  readonly force: boolean;
  /** Writes nothing. */
  readonly dryRun?: "All";
}

/**
 * Applies an object, of whatever kind. Undefined: there is no such object.
 *
 * @throws {KubernetesError} with the conflicts, when fields are others'
 */
export function serverSideApply<T>(
  objects: CustomObjectsApi,
  at: ObjectPath,
  body: object,
  apply: ServerSideApply,
): Promise<T | undefined> {
  const asApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
  return unlessMissing<T>(() => objects.patchNamespacedCustomObject({ ...at, ...apply, body }, asApply));
}
