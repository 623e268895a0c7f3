import { isDevelopment } from "./environments";
import { tags } from "./names";
import { environmentOf, namesOf, type Run, type SecretFacts } from "./secret";

/** Configuration of `secret-max-age` that says how old a secret may become. */
export interface MaxAgeConfig {
  /** By kind: the limit of all its secrets, in days; their tags may only tighten it. */
  readonly maxAgeDays?: Readonly<Record<string, number>>;
  /** Days that no secret of a development environment may exceed. Default: 60. */
  readonly developmentMaxAgeDays?: number;
  /** By name: the limit of one secret, in days, whatever else says. */
  readonly secrets?: Readonly<Record<string, number>>;
}

/** A development environment is rotated at least this often, in days, so that the machinery stays exercised. */
export const developmentMaxAgeDays = 60;
export const longestMaxAgeDays = 3650;
/** Of a secret whose tags say no limit: it was not made by this software, or lost a tag. */
export const defaultMaxAgeDays = 90;

/** The maximum age in days that holds for a secret: its own, or its kind's, capped in development. */
export function effectiveMaxAgeDays({ maxAgeDays }: { readonly maxAgeDays: number }, environment: string): number {
  return isDevelopment(environment) ? Math.min(maxAgeDays, developmentMaxAgeDays) : maxAgeDays;
}

export type Limit =
  | { readonly state: "known"; readonly days: number; readonly source: string }
  | { readonly state: "malformed" };

/**
 * How old a secret may become, in days, and where that is said: pack configuration for this secret, else its tag
 * `max-age-days`, up to the limit that is configured for its kind, else that one, else 90; a development environment caps the
 * last three.
 */
export function limitOf(secret: SecretFacts, run: Run, config: MaxAgeConfig): Limit {
  for (const name of namesOf(secret, run)) {
    const days = config.secrets?.[name];
    if (days !== undefined) return { state: "known", days, source: "pack configuration" };
  }
  const limit = uncapped(secret, config);
  const cap = config.developmentMaxAgeDays ?? developmentMaxAgeDays;
  if (limit.state === "known" && limit.days > cap && isDevelopment(environmentOf(secret, run))) {
    return { state: "known", days: cap, source: `environment ${environmentOf(secret, run)}` };
  }
  return limit;
}

function uncapped(secret: SecretFacts, config: MaxAgeConfig): Limit {
  const kind = secret.tags[tags.kind];
  const configured =
    kind !== undefined && Object.hasOwn(config.maxAgeDays ?? {}, kind) ? config.maxAgeDays?.[kind] : undefined;
  const ofKind =
    configured === undefined ? undefined : ({ state: "known", days: configured, source: `kind ${kind}` } as const);
  const tag = secret.tags[tags.maxAgeDays];
  if (tag === undefined)
    return ofKind ?? { state: "known", days: defaultMaxAgeDays, source: `no tag ${tags.maxAgeDays}` };
  const days = /^[1-9]\d{0,3}$/.test(tag) ? Number(tag) : Number.NaN;
  if (!(days <= longestMaxAgeDays)) return { state: "malformed" };
  return ofKind && ofKind.days < days ? ofKind : { state: "known", days, source: `tag ${tags.maxAgeDays}` };
}
