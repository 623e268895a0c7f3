import type { Node } from "jsonc-parser";
import { arrayStep, objectStep, pathsOf } from "../../infra/config/gjsonPath";
import { documentOf, type JsonDocument } from "./jsonDocument";

/**
 * What External Secrets 0.20.4 makes of a value: the bytes that come into the Kubernetes Secret.
 *
 * @param property  as `remoteRef.property`; undefined: the whole value, unchanged
 * @returns undefined: it refuses, there is no such property
 * @see https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/provider/aws/secretsmanager/secretsmanager.go: GetSecret
 */
export function bytesOf(value: string, property: string | undefined): Buffer | undefined {
  if (property === undefined || property === "") return Buffer.from(value, "utf8");
  const document = documentOf(value);
  const node = document && nodeAt(document, property);
  return node && Buffer.from(textOf(document.text.slice(node.offset, node.offset + node.length)), "utf8");
}

/** Where in a document External Secrets finds a property. The schema has refused queries. */
export function nodeAt({ text, root }: JsonDocument, property: string): Node | undefined {
  for (const path of pathsOf(property)) {
    const node = below(text, root, path);
    if (node) return node;
  }
  return undefined;
}

/** The first one that is there: of a key that is written twice, or matched twice, the next is tried where the path ends in one. */
function below(text: string, node: Node, path: string): Node | undefined {
  const inside = (value: Node | undefined, rest: string | undefined) =>
    value && rest !== undefined ? below(text, value, rest) : value;
  if (node.type === "array") {
    const { index, rest } = arrayStep(path);
    return index === undefined ? undefined : inside(node.children?.[Number(index)], rest);
  }
  if (node.type !== "object") return undefined;
  const { key: wanted, wild, rest } = objectStep(path);
  const pattern = wild ? patternOf(wanted) : undefined;
  for (const { children: [key, value] = [] } of node.children ?? []) {
    const name = key && unescaped(text.slice(key.offset + 1, key.offset + key.length - 1));
    if (name === undefined || !(pattern ? pattern.test(name) : name === wanted)) continue;
    const found = inside(value, rest);
    if (found) return found;
  }
  return undefined;
}

function patternOf(wanted: string): RegExp {
  const source = wanted.replace(/\\(.?)|[\s\S]/gu, (token, escaped: string | undefined) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    return (escaped ?? token).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "su");
}

/** gjson's Result.String() of a value's JSON text. */
function textOf(raw: string): string {
  if (raw.startsWith('"')) return unescaped(raw.slice(1, -1));
  if (raw === "null") return "";
  if (/^[-\d]/.test(raw)) return /^-?\d+$/.test(raw) ? raw : decimal(Number(raw));
  return raw;
}

/** As Go's strconv.FormatFloat(number, 'f', -1, 64) has it: the shortest digits that say this number, without an exponent. */
function decimal(number: number): string {
  if (!Number.isFinite(number)) return number > 0 ? "+Inf" : "-Inf";
  const sign = number < 0 || Object.is(number, -0) ? "-" : "";
  const [mantissa = "", exponent = "0"] = String(Math.abs(number)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, "0");
  return `${sign}${padded.slice(0, point)}${padded.length > point ? `.${padded.slice(point)}` : ""}`;
}

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** As gjson has it: half of a surrogate pair is U+FFFD, and takes a second escape beside it, whatever that says, with it. */
function unescaped(text: string): string {
  const sequence = /\\(?:u(d[89a-f][0-9a-f]{2})(?:\\u([0-9a-f]{4}))?|u([0-9a-f]{4})|(.))/gi;
  return text.replace(sequence, (_, half?: string, other?: string, code?: string, char = "") => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (half === undefined) return escapes[char] ?? char;
    const pair = String.fromCharCode(...[half, other ?? "0"].map((hex) => Number.parseInt(hex, 16)));
    return /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair) ? pair : "\ufffd";
  });
}
