import { type Change, differences, withoutIgnored } from "../provider/diff";
import {
  isMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  unknown,
  withSecretsOf,
} from "../provider/propertyValues";
import type { CreateCall, DiffCall, ResourceType, UpdateCall } from "../provider/provider";
import { check, defaultsKey } from "./check";
import type { AwsConfig } from "./client";
import type { PropertySchema, Schema } from "./propertySchema";

type Offline = Pick<ResourceType<AwsConfig>, "check" | "diff" | "previewCreate" | "previewUpdate">;

/** The half of a resource type that needs no AWS. */
export function offline(schema: Schema): Offline {
  return {
    check: (call) => check(schema, call),
    diff: (call) => diff(schema, call),
    previewCreate: (call) => previewCreate(schema, call),
    previewUpdate: (call) => previewUpdate(schema, call),
  };
}

/** As Terraform does it: what the resource is known to be, against what it should be. */
function diff(schema: Schema, { oldOutputs, inputs, ignoreChanges }: DiffCall<AwsConfig>) {
  const changes = Object.entries(schema.inputs).flatMap(([name, property]): Change[] => {
    if (property.writeOnly) return [];
    const before = comparable(oldOutputs[name], property);
    const after = comparable(inputs[name], property);
    if (after === undefined && property.computed) return [];
    return differences(before, after, [name]).map((change) => ({ ...change, replace: property.forceNew === true }));
  });
  return { changes: withoutIgnored(changes, ignoreChanges), deleteBeforeReplace: false };
}

/** In one spelling of all that Terraform holds for equal; undefined: nothing is set. */
export function comparable(value: PropertyValue | undefined, property: PropertySchema): PropertyValue | undefined {
  const plain = reveal(value ?? null);
  if (plain === null || plain === "") return undefined;
  if (typeof plain === "string" && property.normal) return property.normal(plain);
  if (Array.isArray(plain)) return plain.length === 0 ? undefined : property.set ? [...plain].sort() : plain;
  return isMap(plain) && Object.keys(plain).length === 0 ? undefined : plain;
}

function previewCreate(schema: Schema, { inputs }: CreateCall<AwsConfig>): PropertyMap {
  const computed = Object.entries(schema.inputs).filter(([name, { computed }]) => computed && !(name in inputs));
  const names = [...schema.outputs, ...computed.map(([name]) => name)];
  return { ...recorded(schema, inputs), ...Object.fromEntries(names.map((name) => [name, unknown])) };
}

function previewUpdate(schema: Schema, { oldOutputs, inputs }: UpdateCall<AwsConfig>): PropertyMap {
  const kept = Object.keys(schema.inputs).filter((name) => schema.inputs[name]?.computed);
  const known = Object.entries(oldOutputs).filter(([name]) => !(name in schema.inputs) || kept.includes(name));
  return { ...Object.fromEntries(known), ...recorded(schema, inputs) };
}

/** The inputs that show in the outputs. */
export function recorded(schema: Schema, inputs: PropertyMap): PropertyMap {
  const shown = ([name]: [string, PropertyValue]) => name in schema.inputs && !schema.inputs[name]?.writeOnly;
  return Object.fromEntries(Object.entries(inputs).filter(shown));
}

/**
 * The inputs of a resource that was read: those that are recorded, brought up to date; for an import all that could have
 * led to these outputs.
 */
export function readInputs(schema: Schema, outputs: PropertyMap, oldInputs: PropertyMap): PropertyMap {
  const names = Object.keys(schema.inputs).filter((name) => comparable(outputs[name], {}) !== undefined);
  const known = Object.fromEntries(names.map((name) => [name, outputs[name] ?? null]));
  if (Object.keys(oldInputs).length === 0) return { ...known, [defaultsKey]: [] };
  const upToDate = Object.entries(oldInputs).map(([name, old]) => [
    name,
    name in schema.inputs ? (outputs[name] ?? old) : old,
  ]);
  return withSecretsOf(Object.fromEntries(upToDate), oldInputs);
}
