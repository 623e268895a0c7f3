import { createHash, randomBytes } from "node:crypto";
import {
  asMap,
  asString,
  containsUnknown,
  isMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  revealMap,
} from "../provider/propertyValues";
import type { CheckCall, CheckResult } from "../provider/provider";
import { markSecrets } from "./checkpoint";
import type { KubernetesConfig } from "./config";
import { metadataOf, nameOf, parseType, withValueAt } from "./objects";

const autonamed = "pulumi.com/autonamed";

/** Names the object if the program does not, and brings the inputs into the form in which they are compared. */
export function check(call: CheckCall<KubernetesConfig>): CheckResult {
  const given = revealMap(call.inputs);
  const { apiVersion, kind, isPatch } = parseType(call.type, given);
  let inputs = normalize({ ...given, apiVersion, kind });
  if (isPatch && !nameOf(inputs)) throw new Error("patch resources require the `.metadata.name` field to be set");
  if (metadataOf(inputs).generateName !== undefined && !nameOf(inputs)) {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
  if (!nameOf(inputs)) inputs = named(inputs, call);
  if (call.config.namespace !== undefined && metadataOf(inputs).namespace === undefined) {
    inputs = withValueAt(inputs, ["metadata", "namespace"], call.config.namespace);
  }
  return { inputs: markSecrets(inputs, call.inputs), failures: [] };
}

function named(
  inputs: PropertyMap,
  { name, oldInputs, randomSeed, proposedName }: CheckCall<KubernetesConfig>,
): PropertyMap {
  const before = revealMap(oldInputs ?? {});
  const wasAutonamed = asMap(metadataOf(before).annotations)[autonamed] === "true";
  const chosen = (wasAutonamed ? nameOf(before) : undefined) ?? proposedName ?? `${name}-${randomDigits(randomSeed)}`;
  const marked = withValueAt(inputs, ["metadata", "annotations", autonamed], "true");
  return withValueAt(marked, ["metadata", "name"], chosen);
}

/** Eight hexadecimal digits, the same for the same seed. */
export function randomDigits(seed?: Uint8Array): string {
  const bytes = seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 8);
}

const readOnly = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Without what only the server sets, and a Secret's text in the form in which the server gives it back. */
export function normalize(object: PropertyMap): PropertyMap {
  const withoutReadOnly = isMap(object.metadata)
    ? {
        ...object,
        metadata: Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !readOnly.includes(key))),
      }
    : object;
  const { stringData, ...rest } = withoutReadOnly;
  const encode = object.kind === "Secret" && isMap(stringData) && !containsUnknown(stringData);
  return encode ? { ...rest, data: { ...asMap(reveal(rest.data ?? null)), ...encoded(stringData) } } : withoutReadOnly;
}

function encoded(stringData: PropertyMap): PropertyMap {
  const base64 = (value: PropertyValue) => Buffer.from(asString(value) ?? "").toString("base64");
  return Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, base64(value)]));
}
