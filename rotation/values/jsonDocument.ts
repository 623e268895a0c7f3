import { applyEdits, findNodeAtLocation, modify, type Node, parseTree } from "jsonc-parser";
import { jsonOrUndefined } from "../json";

/** A JSON object or array, with the places of everything in its text. */
export interface JsonDocument {
  readonly text: string;
  readonly root: Node;
}

/** Undefined: the text is no JSON object or array. */
export function documentOf(text: string): JsonDocument | undefined {
  const value = jsonOrUndefined(text);
  if (typeof value !== "object" || value === null) return undefined;
  try {
    const root = parseTree(text);
    return root && { text, root };
  } catch {
    return undefined; // nested too deep
  }
}

/** The names of an object's properties; undefined: the text is no JSON document. */
export function namesIn(text: string): readonly string[] | undefined {
  const document = documentOf(text);
  if (!document) return undefined;
  const { type, children = [] } = document.root;
  return type === "object" ? children.map(({ children: [key] = [] }) => String(key?.value)) : [];
}

/** Whether an object anywhere in the document has a property twice. */
export function hasDuplicates({ type, children = [] }: Node): boolean {
  const names = type === "object" ? children.map(({ children: [key] = [] }) => key?.value) : [];
  return new Set(names).size < names.length || children.some(hasDuplicates);
}

/**
 * The text with these texts as properties of its object. Only they change: everything else stays byte for byte, and where
 * a property has this value already nothing does. New ones come last.
 */
export function withProperties(text: string, properties: Readonly<Record<string, string | number>>): string {
  return Object.entries(properties).reduce((edited, [key, value]) => withProperty(edited, key, value), text);
}

function withProperty(text: string, key: string, value: string | number): string {
  const document = documentOf(text);
  if (document?.root.type !== "object") throw new Error("the text is no JSON object");
  const { root } = document;
  const found = findNodeAtLocation(root, [key]);
  if (found?.value === value) return text;
  if (found) return withNode(text, found, value);
  const last = root.children?.at(-1);
  const at = last ? last.offset + last.length : root.offset + 1;
  const added = `${last ? "," : ""}${JSON.stringify(key)}:${JSON.stringify(value)}`;
  return text.slice(0, at) + added + text.slice(at);
}

/** The text without these properties of its object. The rest stays byte for byte. */
export function withoutProperties(text: string, names: readonly string[]): string {
  const there = new Set(namesIn(text));
  return names
    .filter((name) => there.has(name))
    .reduce((edited, name) => applyEdits(edited, modify(edited, [name], undefined, {})), text);
}

/** The text with another value in the place of this one. */
export function withNode(text: string, { offset, length }: Node, value: string | number): string {
  return text.slice(0, offset) + JSON.stringify(value) + text.slice(offset + length);
}
