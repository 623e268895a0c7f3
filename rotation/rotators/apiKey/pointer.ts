import { z } from "zod";

/** A JSON pointer, e.g. `/api_key/value`; the empty one is the whole document. */
export const pointer = z
  .string()
  .regex(/^(\/([^/~]|~[01])*)*$/, "must be a JSON pointer, e.g. /id or /api_key/value")
  .describe("a JSON pointer");

/**
 * What lies there in a document; undefined: nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */
export function at(document: unknown, path: string): unknown {
  const parts = path.split("/").slice(1);
  return parts.reduce<unknown>((found, part) => {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    return (found as Record<string, unknown>)[name];
  }, document);
}

/** The text that lies there; a number is written as JSON has it. Undefined: there is neither, or it is empty. */
export function textAt(document: unknown, path: string): string | undefined {
  const found = at(document, path);
  if (typeof found === "number") return String(found);
  return typeof found === "string" && found !== "" ? found : undefined;
}
