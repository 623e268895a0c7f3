import { isDeepStrictEqual } from "node:util";
import { asMap, asString, isMap, type PropertyMap, type PropertyValue } from "../provider/propertyValues";
import type { ResourceType } from "../provider/provider";
import type { Api } from "./api";
import { toApi as nestedToApi } from "./apiNames";
import type { AwsConfig } from "./client";
import { managed } from "./managed";
import { randomSuffix } from "./naming";
import type { PropertySchema } from "./propertySchema";
import { comparable } from "./schema";
import { callService, type Service } from "./services";

/** A call of a service's API. */
export interface Call {
  /** As the SDK's aggregated client names it, e.g. `createRole`. */
  readonly operation: string;
  /** The properties that it sends; default: those that identify the resource. */
  readonly sends?: readonly string[];
  /** Where the request is more than named properties. */
  readonly request?: (values: PropertyMap) => object;
}

export interface RowProperty extends PropertySchema {
  /** The API's name, where it is not the property's with a capital. */
  readonly api?: string;
  /** The API does not tell it: what was asked for counts. */
  readonly untold?: true;
  /** A map, which the API has as a list of `{Name, Value}`. */
  readonly pairs?: true;
  /** An object, whose names the API has with a capital. */
  readonly nested?: true;
}

/** A type of resource as data: Terraform's schema of it, and by which calls it is made, read, changed and removed. */
export interface Row {
  /** In Terraform's words, for errors: `IAM Role`. */
  readonly what: string;
  readonly service: Service;
  readonly inputs: Readonly<Record<string, RowProperty>>;
  readonly outputs?: Readonly<Record<string, Pick<RowProperty, "api">>>;
  /** The properties that identify it; its id is their values with `:` between them. */
  readonly key: readonly string[];
  readonly create: Call;
  /** `at`: where in the answer it stands; undefined there: it is gone. */
  readonly read: Call & { readonly at?: (answer: PropertyMap) => PropertyValue | undefined };
  /** Each is called when one of the properties that it sends has changed. */
  readonly update?: readonly Call[];
  readonly remove: Call;
  /** Properties that the API has as attributes, which are texts, and are set one by one by this operation. */
  readonly attributes?: { readonly operation: string; readonly names: readonly string[] };
  /** `list`: where reading it does not tell the tags. */
  readonly tags?: { readonly set: Call; readonly unset: Call; readonly list?: Call };
  /** Outputs that follow from others. */
  readonly derived?: (outputs: PropertyMap) => PropertyMap;
}

/** The type of a resource that a row describes. */
export function rowType(row: Row): ResourceType<AwsConfig> {
  const { what, inputs, outputs = {}, attributes } = row;
  const names = attributes?.names ?? [];
  return managed({
    what,
    schema: { inputs, outputs: Object.keys(outputs), validate: (given) => unknownProperties(row, given) },
    known: (id) => keyOf(row, id),
    async create(api, given) {
      const name = given.namePrefix ? { name: `${given.namePrefix}${randomSuffix()}` } : {};
      const values = { ...given, ...name, Tags: tagList(Object.entries(asMap(given.tagsAll))) };
      const answer = await call(api, row, row.create, values);
      const key = row.key.map((part) => [
        part,
        values[part as keyof typeof values] ?? answer[apiName(row, part)] ?? "",
      ]);
      const made: PropertyMap = { ...values, ...Object.fromEntries(key) };
      await setAttributes(
        api,
        row,
        made,
        names.filter((one) => (made[one] ?? null) !== null),
      );
      return key.map(([, value]) => String(value)).join(":");
    },
    async update(api, id, given, olds) {
      const outputsOnly = Object.entries(olds).filter(([name]) => !(name in inputs));
      const values = { ...Object.fromEntries(outputsOnly), ...given, ...keyOf(row, id) };
      const changed = new Set(changedInputs(row, olds, given));
      const calls = (row.update ?? []).filter(({ sends = [] }) => sends.some((name) => changed.has(name)));
      const covered = new Set([...calls.flatMap(({ sends = [] }) => sends), ...names, "tags", "tagsAll"]);
      const left = [...changed].filter((name) => !covered.has(name) && !inputs[name]?.untold);
      if (left.length > 0)
        throw new Error(`the sandbox's aws provider stand-in does not change its ${left.join(", ")}`);
      for (const one of calls) await call(api, row, one, values);
      await setAttributes(
        api,
        row,
        values,
        names.filter((name) => changed.has(name)),
      );
      await retag(api, row, values, asMap(olds.tagsAll), asMap(given.tagsAll));
    },
    async describe(api, id, known) {
      const answer = await call(api, row, row.read, { ...known, ...keyOf(row, id) });
      const found = row.read.at ? row.read.at(answer) : answer;
      if (!isMap(found)) throw api.gone(`there is no ${what} ${id}`);
      const told = { ...keyOf(row, id), ...toldBy(row, found, known) };
      return { ...told, ...(await tagsOf(api, row, found, { ...known, ...told })), ...row.derived?.(told) };
    },
    async delete(api, id, olds) {
      await call(api, row, row.remove, { ...olds, ...keyOf(row, id) });
    },
  });
}

async function call(api: Api, row: Row, { operation, sends, request }: Call, values: PropertyMap) {
  const named = Object.fromEntries(
    (sends ?? row.key).flatMap((name) => {
      const value = values[name] ?? null;
      return value === null || value === "" ? [] : [[apiName(row, name), toApi(row.inputs[name], value)]];
    }),
  );
  return callService(api, row.service, operation, request ? request(values) : named);
}

function apiName({ inputs, outputs }: Row, name: string): string {
  return inputs[name]?.api ?? outputs?.[name]?.api ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function toApi(property: RowProperty | undefined, value: PropertyValue): unknown {
  if (property?.nested) return nestedToApi(value);
  if (!property?.pairs) return value;
  return Object.entries(asMap(value)).map(([Name, Value]) => ({ Name, Value }));
}

function keyOf({ key }: Row, id: string): PropertyMap {
  const parts = key.length === 1 ? [id] : id.split(":");
  return Object.fromEntries(key.map((name, i) => [name, parts[i] ?? ""]));
}

/** Without those that AWS chooses where the program leaves them out. */
function changedInputs({ inputs }: Row, olds: PropertyMap, given: PropertyMap): string[] {
  return Object.entries(inputs).flatMap(([name, property]) => {
    const [before, after] = [comparable(olds[name], property), comparable(given[name], property)];
    return (after === undefined && property.computed) || isDeepStrictEqual(before, after) ? [] : [name];
  });
}

/** The outputs as the API tells them; a text that says the same as what was asked for stays as it was written. */
function toldBy(row: Row, found: PropertyMap, known: PropertyMap): PropertyMap {
  const isAttribute = (name: string) => row.attributes !== undefined && !row.key.includes(name);
  const names = [...Object.keys(row.inputs), ...Object.keys(row.outputs ?? {})];
  return Object.fromEntries(
    names.flatMap((name): [string, PropertyValue][] => {
      const property = row.inputs[name];
      const value = found[apiName(row, name)];
      if (property?.untold || /^(tags|tagsAll|region|namePrefix)$/.test(name)) return [];
      if (value === undefined || value === null) return row.key.includes(name) ? [] : [[name, null]];
      if (property?.pairs) return [[name, pairsOf(value)]];
      if (typeof value !== "string") return [[name, value]];
      if (isAttribute(name) && /^(true|false)$/i.test(value)) return [[name, /true/i.test(value)]];
      // IAM's documents are encoded as in a URL.
      const text = value.startsWith("%7B") ? decodeURIComponent(value) : value;
      const before = asString(known[name]);
      const isSame = before !== undefined && property?.normal?.(before) === property?.normal?.(text);
      return [[name, property?.normal && isSame && before !== undefined ? before : text]];
    }),
  );
}

function pairsOf(list: PropertyValue): PropertyMap {
  const pairs = Array.isArray(list) ? list.map(asMap) : [];
  return Object.fromEntries(pairs.map(({ Name, Value }) => [String(Name), Value ?? ""]));
}

/** What has no value gets the empty one. */
async function setAttributes(api: Api, row: Row, values: PropertyMap, names: readonly string[]): Promise<void> {
  const key = Object.fromEntries(row.key.map((part) => [apiName(row, part), values[part]]));
  for (const name of names) {
    const value = values[name] ?? "";
    const AttributeValue = typeof value === "string" ? value : JSON.stringify(value);
    const request = { ...key, AttributeName: apiName(row, name), AttributeValue };
    await callService(api, row.service, row.attributes?.operation ?? "", request);
  }
}

async function tagsOf(api: Api, row: Row, found: PropertyMap, values: PropertyMap): Promise<PropertyMap> {
  if (!row.tags) return {};
  const { list } = row.tags;
  const { Tags = [] } = list ? await call(api, row, list, values) : found;
  const all = Array.isArray(Tags) ? Tags.map(asMap) : [];
  const tagsAll = Object.fromEntries(all.map(({ Key, Value }) => [String(Key), Value ?? ""]));
  const own = Object.entries(tagsAll).filter(([key, value]) => api.config.defaultTags[key] !== value);
  return { tags: Object.fromEntries(own), tagsAll };
}

async function retag(api: Api, row: Row, values: PropertyMap, olds: PropertyMap, news: PropertyMap): Promise<void> {
  if (!row.tags) return;
  const TagKeys = Object.keys(olds).filter((key) => !(key in news));
  const changed = Object.entries(news).filter(([key, value]) => olds[key] !== value);
  const Tags = tagList(changed);
  if (TagKeys.length > 0) await call(api, row, row.tags.unset, { ...values, TagKeys });
  if (Tags.length > 0) await call(api, row, row.tags.set, { ...values, Tags });
}

function tagList(tags: readonly [string, PropertyValue][]) {
  return tags.map(([Key, value]) => ({ Key, Value: String(value) }));
}

/** What the row leaves out of the real provider's schema would be lost without a word. */
function unknownProperties({ inputs }: Row, given: PropertyMap) {
  const left = Object.keys(given).filter((name) => !(name in inputs) && !name.startsWith("__"));
  return left.map((property) => ({ property, reason: "The sandbox's aws provider stand-in does not implement it" }));
}
