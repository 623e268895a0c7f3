import { isDeepStrictEqual } from "node:util";
import type { Pair, Scalar, YAMLMap, Node as YamlNode } from "yaml";
import { projectName } from "../../infra/names";

/** By field of a declaration: its new value; undefined takes it away. */
export type Changes = Readonly<Record<string, unknown>>;

interface Found {
  readonly item: YAMLMap;
  /** As plain data. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Loaded for the one command that needs it. */
const yaml = () => require("yaml") as typeof import("yaml");

/**
 * The declaration of a secret as a stack's file has it, or a file of `secretFiles`; undefined: it is declared elsewhere, or the file
 * is no YAML.
 */
export function declarationIn(text: string, name: string): Readonly<Record<string, unknown>> | undefined {
  return find(text, name)?.raw;
}

/**
 * Changes fields of one secret's declaration in the text of Pulumi.<stack>.yaml, or of a file of `secretFiles`, and nothing else:
 * comments, order and layout of all the rest stay as they are.
 *
 * @returns undefined: the text cannot be changed in that way
 */
export function editDeclaration(text: string, name: string, changes: Changes): string | undefined {
  const before = find(text, name);
  if (!before) return undefined;
  let edited: string | undefined = text;
  // Each is put behind the kind: so they stand in their order.
  for (const [field, value] of Object.entries(changes).reverse()) {
    const found: Found | undefined = edited === undefined ? undefined : find(edited, name);
    if (edited === undefined || !found) return undefined;
    edited = value === undefined ? without(edited, found.item, field) : withField(edited, found.item, field, value);
  }
  const kept = Object.entries({ ...before.raw, ...changes }).filter(([, value]) => value !== undefined);
  const isAsMeant = edited !== undefined && isDeepStrictEqual(find(edited, name)?.raw, Object.fromEntries(kept));
  return isAsMeant && isOtherwiseSame(text, edited ?? "", name) ? edited : undefined;
}

const listKey = `${projectName}:secrets`;

function find(text: string, name: string): Found | undefined {
  const { parseDocument, isMap, isSeq } = yaml();
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const list = isSeq(document.contents) ? document.contents : document.getIn(["config", listKey], true);
  if (!isSeq(list)) return undefined;
  const found = list.items.filter((item): item is YAMLMap => isMap(item) && item.get("name") === name);
  const [item] = found;
  return item && found.length === 1 ? { item, raw: item.toJS(document) as Found["raw"] } : undefined;
}

/** All but this declaration. */
function isOtherwiseSame(before: string, after: string, name: string): boolean {
  const othersIn = (list: unknown[] | undefined) =>
    list?.map((one) => ((one as { name?: unknown }).name === name ? name : one));
  const others = (text: string) => {
    const data = yaml().parse(text) as { config: Record<string, unknown[]> } | unknown[];
    if (Array.isArray(data)) return othersIn(data);
    return { ...data, config: { ...data.config, [listKey]: othersIn(data.config[listKey]) } };
  };
  return isDeepStrictEqual(others(before), others(after));
}

type Field = Pair<Scalar, YamlNode>;

function fieldOf({ items }: YAMLMap, field: string): { pair: Field; index: number } | undefined {
  const index = items.findIndex(({ key }) => (key as Scalar).value === field);
  return index < 0 ? undefined : { pair: items[index] as Field, index };
}

const startOf = (node: YamlNode | null): number => node?.range?.[0] ?? -1;
/** Of what is written, without the blanks and comments behind it. */
const endOf = (text: string, node: YamlNode | null): number => text.slice(0, node?.range?.[1] ?? 0).trimEnd().length;

function withField(text: string, item: YAMLMap, field: string, value: unknown): string {
  const written = inline(value, text);
  const there = fieldOf(item, field);
  if (there?.pair.value) {
    return text.slice(0, startOf(there.pair.value)) + written + text.slice(endOf(text, there.pair.value));
  }
  // Beside the kind, which every declaration has.
  const after = (fieldOf(item, "kind")?.pair ?? item.items.at(-1)) as Field;
  const at = endOf(text, after.value);
  const key = isJson(text) ? JSON.stringify(field) : field;
  if (item.flow) return `${text.slice(0, at)}, ${key}: ${written}${text.slice(at)}`;
  const end = lineEnd(text, at);
  const indent = " ".repeat(startOf(after.key) - lineStart(text, startOf(after.key)));
  return `${text.slice(0, end)}\n${indent}${key}: ${written}${text.slice(end)}`;
}

function without(text: string, item: YAMLMap, field: string): string | undefined {
  const there = fieldOf(item, field);
  if (!there) return text;
  const { pair, index } = there;
  const [from, to] = [startOf(pair.key), endOf(text, pair.value)];
  const [before, next] = [item.items[index - 1] as Field | undefined, item.items[index + 1] as Field | undefined];
  if (item.flow) {
    if (before) return text.slice(0, endOf(text, before.value)) + text.slice(to);
    return next && text.slice(0, from) + text.slice(startOf(next.key));
  }
  const start = lineStart(text, from);
  // It stands behind the hyphen of its list.
  if (text.slice(start, from).trim() !== "") return next && text.slice(0, from) + text.slice(startOf(next.key));
  return text.slice(0, start) + text.slice(Math.min(text.length, lineEnd(text, to) + 1));
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

const isJson = (text: string): boolean => /^\s*\{/.test(text);

/** A value in one line, e.g. `{lambda: arn:…, automaticallyAfter: 30d}`. */
export function inline(value: unknown, text = ""): string {
  if (isJson(text)) return JSON.stringify(value);
  const options = { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false } as const;
  return yaml().stringify(value, options).trim();
}
