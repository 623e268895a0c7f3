import { jsonOrUndefined } from "../../json";
import { documentOf } from "../../values/jsonDocument";

const shapes: readonly (readonly [RegExp, string])[] = [
  [/^(\{[\s\S]*[:"=][\s\S]*\}|\[[\s\S]*["{][\s\S]*\]|<[\s\S]*>)$/, "a document"],
  [/[\r\n]/, "a text of several lines"],
  [/^[a-z][a-z0-9+.-]*:\/\/\S/i, "a URL"],
  [/^\w[\w -]*=[^=;&\s]*[;& ]+\w[\w -]*=/, "a connection string"],
];

/**
 * What a text is when it is more than one secret, so that a random text cannot take its place; undefined: it is one. A
 * line's end at its end is none of it.
 */
export function structureOf(text: string): string | undefined {
  if (documentOf(text)) return "a JSON document";
  const inner = jsonOrUndefined(text);
  if (typeof inner === "string" && inner !== text) return structureOf(inner);
  const trimmed = text.trim();
  return shapes.find(([pattern]) => pattern.test(trimmed))?.[1];
}
