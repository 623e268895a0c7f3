/** The kinds of secret this software knows, how each may be rotated, and how old each may become. */

export const kinds = Object.freeze({
  app: { strategies: ["simple", "native"], maxAgeDays: 90 },
  jwt: { strategies: ["simple-overlap", "native"], maxAgeDays: 180 },
  database: { strategies: ["alternating-users", "single-user", "native"], maxAgeDays: 90 },
  "api-key": { strategies: ["dual-key", "native"], maxAgeDays: 90 },
  certificate: { strategies: ["renewal", "native"], maxAgeDays: 365 },
  "ssh-key": { strategies: ["manual"], maxAgeDays: 365 },
}) satisfies { readonly [kind: string]: { readonly strategies: readonly string[]; readonly maxAgeDays: number } };

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly Kind[];

/** Maximum age in days of a secret whose kind is unknown: the shortest of all kinds. */
export const maxAgeDaysOfUnknownKind = Math.min(...Object.values(kinds).map(({ maxAgeDays }) => maxAgeDays));

export function isKind(text: string | undefined): text is Kind {
  return text !== undefined && Object.hasOwn(kinds, text);
}
