/**
 * How External Secrets reads `property`: as a path of gjson. These are the steps of a path, over an object and over an
 * array, and the queries, which are refused.
 *
 * @see https://github.com/tidwall/gjson/blob/v1.18.0/SYNTAX.md, which External Secrets 0.20.4 brings along
 */

/** What a path says of an object: the key, and the path within its value (undefined: the value itself is meant). */
export interface ObjectStep {
  readonly key: string;
  /** The key is a pattern: `*` is any text, `?` any character. */
  readonly wild: boolean;
  readonly rest: string | undefined;
}

/** The first step of a path, over an object. `\` takes a character literally; gjson forgets that where a wildcard stands beside it. */
export function objectStep(path: string): ObjectStep {
  let key = "";
  let wild = false;
  for (let i = 0; i < path.length; i++) {
    const char = path.charAt(i);
    if (char === ".") return { key, wild, rest: path.slice(i + 1) };
    if (char === "\\") {
      i++;
      key += path.charAt(i);
      continue;
    }
    if (char === "*" || char === "?") wild = true;
    key += char;
  }
  return { key, wild, rest: undefined };
}

/** The first step of a path, over an array, which knows no escapes; index undefined: it is none. */
export function arrayStep(path: string): { readonly index: bigint | undefined; readonly rest: string | undefined } {
  const end = path.indexOf(".");
  const part = end < 0 ? path : path.slice(0, end);
  const index = /^\d+$/.test(part) ? BigInt.asIntN(64, BigInt(part)) : undefined;
  return { index, rest: end < 0 ? undefined : path.slice(end + 1) };
}

/** The paths that External Secrets tries one after the other: a key with dots, then a path. */
export function pathsOf(property: string): readonly string[] {
  return property.includes(".") ? [property.replaceAll(".", "\\."), property] : [property];
}

/** What in a property is more than names, indexes and wildcards, e.g. `|`; undefined: nothing is. */
export function queryIn(property: string): string | undefined {
  if (property.startsWith("..")) return "..";
  const statics = /^!([{["+\d-]|(true|false|null|nan|inf)(?=[.|]|$))/i.exec(property);
  if (statics) return statics[0];
  for (const path of pathsOf(property)) {
    for (let rest: string | undefined = path; rest !== undefined; rest = objectStep(rest).rest) {
      const query =
        /^(@(pretty|ugly|reverse|this|flatten|join|valid|keys|values|tostr|fromstr|group|dig)(?=[.|:]|$)|[[{]|#(?=[.([]|$)|(\\.|[^.\\|])*\|)/s.exec(
          rest,
        );
      if (query) return query[0].endsWith("|") ? "|" : query[0];
    }
  }
  return undefined;
}
