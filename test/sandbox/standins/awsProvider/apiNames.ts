import { isMap, type PropertyValue } from "../provider/propertyValues";

/** Where the API's name is not the property's with a capital. */
const special = new Map([
  ["id", "ID"],
  ["sseAlgorithm", "SSEAlgorithm"],
  ["kmsMasterKeyId", "KMSMasterKeyID"],
]);
const properties = new Map([...special].map(([property, name]) => [name, property]));

/** Nested properties as the AWS API names them: `noncurrentDays` is `NoncurrentDays`. */
export function toApi(value: PropertyValue | undefined): unknown {
  return renamed(value, (name) => special.get(name) ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`);
}

/** What the AWS API tells, as the provider's properties name it; without what it leaves open. */
export function fromApi(value: unknown): PropertyValue {
  const lower = (name: string) => properties.get(name) ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return (renamed(value, lower) ?? null) as PropertyValue;
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isMap(value as PropertyValue)) return value ?? undefined;
  const told = Object.entries(value as object).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(told.map(([name, item]) => [rename(name), renamed(item, rename)]));
}
