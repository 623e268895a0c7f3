import {
  asMap,
  asString,
  isSecret,
  type PropertyMap,
  reveal,
  revealMap,
  secret,
  withSecretsOf,
} from "../provider/propertyValues";
import type { KubernetesObject } from "./objects";

/** What the provider keeps of an object: as the program wants it, and as the cluster has it. */
export interface Checkpoint {
  /** Revealed. */
  readonly inputs: PropertyMap;
  /** Revealed. */
  readonly live: PropertyMap;
  readonly initialApiVersion: string | undefined;
  readonly fieldManager: string | undefined;
}

/** The outputs of a resource: the live object, secrets marked, and the provider's own notes. */
export function checkpointOf(
  marked: PropertyMap,
  inputs: PropertyMap,
  live: KubernetesObject,
  notes: Pick<Checkpoint, "initialApiVersion" | "fieldManager">,
): PropertyMap {
  return {
    ...markSecrets(live, marked),
    __inputs: markSecrets(inputs, marked),
    __initialApiVersion: notes.initialApiVersion ?? live.apiVersion,
    __fieldManager: notes.fieldManager ?? "",
  };
}

export function parseCheckpoint(outputs: PropertyMap): Checkpoint {
  const { __inputs, __initialApiVersion, __fieldManager, ...live } = outputs;
  return {
    inputs: asMap(reveal(__inputs ?? null)),
    live: revealMap(live),
    initialApiVersion: asString(__initialApiVersion),
    fieldManager: asString(__fieldManager) || undefined,
  };
}

/** Marks what the program marked, and the data of every Kubernetes Secret. */
export function markSecrets(object: PropertyMap, marked: PropertyMap): PropertyMap {
  const result = withSecretsOf(object, marked);
  if (object.kind !== "Secret") return result;
  for (const key of ["data", "stringData"]) {
    const value = result[key];
    if (value !== undefined && !isSecret(value)) result[key] = secret(reveal(value));
  }
  return result;
}
