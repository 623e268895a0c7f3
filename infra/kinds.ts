/**
 * The kinds of secret and the strategies each can be rotated by, in one table: a new kind is a new row here,
 * a new strategy a new row in rotation/strategies.
 */
export interface KindOfSecret {
  /** The strategies that this kind may name; the first one is its default. */
  readonly strategies: readonly [Strategy, ...Strategy[]];
  /** Age of AWSCURRENT, in days, from which the secret is stale, unless the declaration says otherwise. */
  readonly maxAgeDays: number;
}

export const strategies = [
  "simple",
  "simple-overlap",
  "alternating-users",
  "single-user",
  "dual-key",
  "renewal",
  "manual",
  "native",
] as const;
export type Strategy = (typeof strategies)[number];

export const kindNames = ["app", "jwt", "database", "api-key", "certificate", "ssh-key"] as const;
export type Kind = (typeof kindNames)[number];

export const kinds = Object.freeze({
  app: { strategies: ["simple", "native"], maxAgeDays: 90 },
  jwt: { strategies: ["simple-overlap", "native"], maxAgeDays: 180 },
  database: { strategies: ["alternating-users", "single-user", "native"], maxAgeDays: 90 },
  "api-key": { strategies: ["dual-key", "native"], maxAgeDays: 90 },
  certificate: { strategies: ["renewal", "native"], maxAgeDays: 365 },
  "ssh-key": { strategies: ["manual"], maxAgeDays: 365 },
}) satisfies { readonly [kind in Kind]: KindOfSecret };

/** A development environment is rotated at least this often, in days, so that the machinery stays exercised. */
export const developmentMaxAgeDays = 60;

export function isDevelopment(environment: string): boolean {
  return environment === "dev" || environment === "development";
}

/** The maximum age in days that holds for a secret: its own, or its kind's, capped in development. */
export function effectiveMaxAgeDays(kind: Kind, environment: string, declared?: number): number {
  const days = declared ?? kinds[kind].maxAgeDays;
  return isDevelopment(environment) ? Math.min(days, developmentMaxAgeDays) : days;
}
