import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * A property as it travels between the engine and a provider. Secrets, outputs and unknowns are marked by signatures, so a
 * value has to be revealed before it is used, and marked again before it is handed back.
 */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

// Fixed by the engine (sdk/go/common/resource/plugin and resource/sig).
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Stands for a string that is known only after the update. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknowns = new Set<PropertyValue>([
  unknown,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export function fromStruct(struct: Struct | undefined): PropertyMap {
  return (struct?.toJavaScript() ?? {}) as PropertyMap;
}

export function toStruct(map: PropertyMap): Struct {
  return Struct.fromJavaScript(map as { [key: string]: JavaScriptValue });
}

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isUnknown(value: PropertyValue | undefined): boolean {
  return value !== undefined && unknowns.has(value);
}

export function secret(value: PropertyValue): PropertyValue {
  return { [signatureKey]: secretSignature, value };
}

export function isSecret(value: PropertyValue | undefined): boolean {
  if (!isMap(value)) return false;
  return value[signatureKey] === secretSignature || (value[signatureKey] === outputSignature && value.secret === true);
}

export function containsSecret(value: PropertyValue | undefined): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isMap(value) && Object.values(value).some(containsSecret);
}

/** The value without any marks of secrets and outputs; unknowns stay what they are. */
export function reveal(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(reveal);
  if (!isMap(value)) return value;
  if (value[signatureKey] === secretSignature || value[signatureKey] === outputSignature) {
    return reveal(value.value ?? unknown);
  }
  return revealMap(value);
}

export function revealMap(map: PropertyMap): PropertyMap {
  return mapValues(map, reveal);
}

export function containsUnknown(value: PropertyValue | undefined): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (!isMap(value)) return isUnknown(value);
  return Object.values(value).some(containsUnknown) || (value[signatureKey] === outputSignature && !("value" in value));
}

/** Marks in `outputs` what is secret in `inputs`, as deep as both are objects. */
export function withSecretsOf(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, output]) => {
      const input = inputs[key];
      if (input === undefined || isSecret(output)) return [key, output];
      if (isMap(output) && isMap(input) && !isSecret(input)) return [key, withSecretsOf(output, input)];
      return [key, containsSecret(input) ? secret(output) : output];
    }),
  );
}

export function mapValues(map: PropertyMap, change: (value: PropertyValue) => PropertyValue): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

/** The map without the keys whose value is undefined or null. */
export function withoutNothing(map: Readonly<Record<string, PropertyValue | undefined>>): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).filter(
      (entry): entry is [string, PropertyValue] => entry[1] !== undefined && entry[1] !== null,
    ),
  );
}

export function asString(value: PropertyValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asMap(value: PropertyValue | undefined): PropertyMap {
  return isMap(value) ? value : {};
}

export function asStrings(value: PropertyValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
