import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import { namesIn, withoutProperties, withProperties } from "../../values/jsonDocument";
import { complete } from "./guarded";
import type { Credential } from "./steps";

/**
 * A value of order `secondary-first`: beside the credential in use it has the next one, or the same once more where there is
 * no next one, so that each property is always there. E.g. `{id, key, idSecondary, keySecondary, gracePeriodEnd}`.
 */
export const secondaryName = (property: string) => `${property}Secondary`;

/** ISO 8601, UTC: until then both are valid at least, and the one in use stays the same. */
export const endName = "gracePeriodEnd";

/** The next credential in a value; undefined: there is none. */
export function secondaryIn(value: string, properties: readonly string[]): Credential | undefined {
  const found = z.record(z.string(), z.unknown()).safeParse(jsonOrUndefined(value)).data;
  if (!found) return undefined;
  const second = complete(Object.fromEntries(properties.map((name) => [name, found[secondaryName(name)]])), properties);
  return second && properties.some((name) => second[name] !== found[name]) ? second : undefined;
}

/** All that a rotation writes into a document. */
export function ownNames(properties: readonly string[]): string[] {
  return [...properties, ...properties.map(secondaryName), endName];
}

/** The document with this credential as the only one. @param asPair  whether it is in the place of the next one too */
export function withOnly(document: string, credential: Credential, asPair: boolean): string {
  const isPair = asPair || namesIn(document)?.some((name) => Object.keys(credential).map(secondaryName).includes(name));
  const only = withProperties(document, credential);
  return isPair ? withProperties(withoutProperties(only, [endName]), asSecondary(credential)) : only;
}

/** The document with a next credential beside the one in use. */
export function withNext(document: string, next: Credential, end: Date): string {
  return withProperties(document, { ...asSecondary(next), [endName]: end.toISOString() });
}

function asSecondary(credential: Credential): Credential {
  return Object.fromEntries(Object.entries(credential).map(([name, value]) => [secondaryName(name), value]));
}
