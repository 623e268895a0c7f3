import { isSet, type Plain, unknown } from "./plain";

/** The last word of a key that names a value, its letters only: `adminPassword`, `DB_PASSWORD`, `auth.api-key`. */
const words =
  /(password|passwd|passphrase|token|apikey|privatekey|secretkey|secretaccesskey|encryptionkey|signingkey)$/;
/** `…secret` names a Kubernetes Secret more often than a value (`tlsSecret`): these are the values. */
const secretWords = /(^|client|app|shared|jwt|cookie|session|webhook|hmac|signing|oauth2?)secret$/;
/** What stands for a value that is elsewhere: a template, a variable, a reference of a tool, the ARN of a secret. */
const reference = /^(\$[({]|\{\{|ref\+|vault:|arn:[^:]*:(secretsmanager|ssm):)/;

/** Whether a key, or the name of a variable, is one under which a value stands. */
export function namesValue(key: string): boolean {
  const letters = key.toLowerCase().replace(/[^a-z0-9]/g, "");
  return !letters.includes("existing") && (words.test(letters) || secretWords.test(letters));
}

/**
 * Where values stand in the values of a Helm chart, as paths: text under a key that names one, and the `value` of a variable
 * whose `name` does. What a preview does not know yet would be a value too.
 */
export function valuesIn(values: Plain, path: string): string[] {
  if (Array.isArray(values)) return values.flatMap((item: Plain, i) => valuesIn(item, `${path}[${i}]`));
  if (typeof values !== "object" || values === null) return [];
  const entries = Object.entries(values as Readonly<Record<string, Plain>>);
  const variable = entries.find(([key]) => key === "name")?.[1];
  return entries.flatMap(([key, value]) => {
    const isNamed = namesValue(key) || (key === "value" && typeof variable === "string" && namesValue(variable));
    return isNamed && isLiteral(value) ? [`${path}.${key}`] : valuesIn(value, `${path}.${key}`);
  });
}

function isLiteral(value: Plain): boolean {
  return value === unknown || (typeof value === "string" && isSet(value) && !reference.test(value));
}
