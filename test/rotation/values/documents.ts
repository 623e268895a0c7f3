import fc from "fast-check";
import { queryIn } from "../../../infra/config/gjsonPath";

/** Texts of JSON documents as people and programs write them, and properties that are asked of them. */

const space = fc.constantFrom("", "", "", " ", "\n", "\t", "  \r\n ");
/** Keys that gjson could take for something else, and some that it finds in more than one way. */
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "b", "session_key", "0", "1", "") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "a.b",
      "b.",
      ".a",
      "a\\",
      "a*",
      "?",
      "a\\.b",
      "#1",
      "@type",
      "$ref",
      "a:b",
      "a-b",
      "x y",
      "a[0]",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
);
const numbers = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "-0.0",
    "1.0",
    "1e3",
    "1E+21",
    "1.5e-7",
    "9007199254740993",
    "123456789012345678901234567890",
    "1e999",
    "-1e999",
    "5e-324",
    "0.1",
    "100e-2",
    "1e21",
    "123456.789e3",
  ),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
const escapes = fc.constantFrom(
  "\\u0041",
  "\\n",
  "\\/",
  "\\\\",
  '\\"',
  "\\ud83d\\ude00",
  "\\ud83d",
  "\\udc00\\u0041",
  "\\u00e9",
  "\\t",
  "\\u0000",
  "<",
  "&",
  "\u2028",
  "é",
  "😀",
  "\x7f",
  "{",
  "]",
  "(",
  ")",
);
const strings = fc.oneof(
  fc
    .array(fc.oneof(escapes, fc.string({ maxLength: 3 }).map(inside)), { maxLength: 4 })
    .map((parts) => `"${parts.join("")}"`),
  fc.constantFrom('""', '"x\\n"', '"null"', '"{\\"a\\":1}"'),
);
function inside(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
const scalars = fc.oneof(fc.constantFrom("null", "true", "false"), numbers, strings);
/** The same key in more ways than one. */
const keyTexts = fc.tuple(keys, fc.boolean()).map(([key, isEscaped]) => {
  const text = inside(key);
  return isEscaped && /^[a-z]/.test(text) ? `"\\u00${text.charCodeAt(0).toString(16)}${text.slice(1)}"` : `"${text}"`;
});

/** JSON texts of objects and arrays; a key may be there twice. */
export const documents: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string; array: string }>((tie) => {
  const spaced = (text: fc.Arbitrary<string>) => fc.tuple(space, text, space).map((parts) => parts.join(""));
  const listed = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 5 }).map((items) => items.join(","));
  const within = (open: string, content: fc.Arbitrary<string>, close: string) =>
    fc.tuple(content, space).map(([text, after]) => open + (text || after) + close);
  return {
    value: fc.oneof({ maxDepth: 4 }, { weight: 3, arbitrary: scalars }, tie("object"), tie("array")),
    object: within(
      "{",
      listed(fc.tuple(spaced(keyTexts), spaced(tie("value"))).map(([key, value]) => `${key}:${value}`)),
      "}",
    ),
    array: within("[", listed(spaced(tie("value"))), "]"),
  };
}).object;

/** Properties that the schema takes: keys, paths of keys, indexes and patterns, with and without escapes. */
export const properties: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: keys },
      fc.constantFrom("*", "a*", "?", "*b", "\\*", "a\\.b", "00", "18446744073709551616", "-1", "\\0", "*\\**"),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((parts) => parts.join("."))
  .filter((property) => property !== "" && queryIn(property) === undefined);
