import {
  asMap,
  asStrings,
  containsUnknown,
  type PropertyMap,
  type PropertyValue,
  reveal,
  unknown,
} from "../provider/propertyValues";
import type { CheckCall, CheckFailure, CheckResult } from "../provider/provider";
import type { AwsConfig } from "./client";
import { randomSuffix } from "./naming";
import type { PropertySchema, Schema } from "./propertySchema";

/** Where the inputs say which of them are defaults, so that a default that was taken once can be told from a wish. */
export const defaultsKey = "__defaults";

/** Completes the inputs as the real provider does, and says what is wrong with them. */
export function check(schema: Schema, call: CheckCall<AwsConfig>): CheckResult {
  const given = { ...call.inputs, ...fromConfig(schema, call) };
  const defaults = defaultsOf(schema, call, given);
  const inputs: PropertyMap = { ...given, ...defaults };
  const missing = Object.entries(schema.inputs)
    .filter(([name, { required }]) => required && (inputs[name] ?? null) === null)
    .map(([property]) => ({ property, reason: `Missing required argument. "${property}" is required` }));
  const failures = [...missing, ...(schema.validate?.(inputs) ?? [])];
  return {
    inputs: { ...inputs, [defaultsKey]: Object.keys(defaults).sort() },
    failures: failures.map((failure) => inReason(call.name, failure)),
  };
}

/** What the provider's configuration adds to every resource. */
function fromConfig({ inputs }: Schema, { inputs: given, config }: CheckCall<AwsConfig>): PropertyMap {
  const region = inputs.region && (given.region ?? config.region);
  const tags = inputs.tagsAll && allTags(given.tags, config);
  return { ...(region === undefined ? {} : { region }), ...(tags === undefined ? {} : { tagsAll: tags }) };
}

function allTags(tags: PropertyValue | undefined, config: AwsConfig): PropertyValue {
  if (containsUnknown(tags)) return unknown;
  return { ...config.defaultTags, ...asMap(reveal(tags ?? null)) };
}

function defaultsOf(schema: Schema, call: CheckCall<AwsConfig>, given: PropertyMap): PropertyMap {
  const absent = Object.entries(schema.inputs).filter(([name]) => (given[name] ?? null) === null);
  return Object.fromEntries(
    absent.flatMap(([name, property]) => {
      const value = property.default ?? autoname(name, property, call, given);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function autoname(
  property: string,
  { autonamed }: PropertySchema,
  { name, oldInputs = {}, randomSeed, proposedName }: CheckCall<AwsConfig>,
  given: PropertyMap,
): PropertyValue | undefined {
  if (!autonamed || autonamed.unless in given) return undefined;
  const wasDefault = asStrings(oldInputs[defaultsKey]).includes(property);
  return (wasDefault ? oldInputs[property] : undefined) ?? proposedName ?? `${name}-${randomSuffix(randomSeed)}`;
}

/** The engine prints the value of a property that a failure names, secrets too: the reason says where to look instead. */
function inReason(resource: string, { property, reason }: CheckFailure): CheckFailure {
  return { property: "", reason: `${reason}. Examine values at '${resource}.${property}'.` };
}
