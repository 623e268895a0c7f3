import { isDevelopment } from "./environments";
import { isKind, type Kind, kinds, maxAgeDaysOfUnknownKind } from "./kinds";
import { environmentOf, namesOf, type Run, type SecretFacts, tags } from "./secret";

/** Configuration of `secret-max-age` that says how old a secret may become. */
export interface MaxAgeConfig {
  /** By kind: the limit of all its secrets, in days; a tag may only tighten it. Default: the table of kinds. */
  readonly maxAgeDays?: Readonly<Partial<Record<Kind, number>>>;
  /** Days that no secret of a development environment may exceed. Default: 60. */
  readonly developmentMaxAgeDays?: number;
  /** By name: the limit of one secret, in days, whatever else says. */
  readonly secrets?: Readonly<Record<string, number>>;
}

/** A development environment is rotated at least this often, in days, so that the machinery stays exercised. */
export const developmentMaxAgeDays = 60;
export const longestMaxAgeDays = 3650;

export type Limit =
  | { readonly state: "known"; readonly days: number; readonly source: string }
  | { readonly state: "malformed" };

/**
 * How old a secret may become, in days, and where that is said: pack configuration for this secret, else its tag
 * `max-age-days` (up to the configured limit of its kind), else its kind; a development environment caps the last two.
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
  const ofKind = limitOfKind(secret.tags[tags.kind], config);
  const tag = secret.tags[tags.maxAgeDays];
  if (tag === undefined) return ofKind.limit;
  const days = /^[1-9]\d{0,3}$/.test(tag) ? Number(tag) : Number.NaN;
  if (!(days <= longestMaxAgeDays)) return { state: "malformed" };
  if (ofKind.configured && ofKind.limit.days < days) return ofKind.limit;
  return { state: "known", days, source: `tag ${tags.maxAgeDays}` };
}

function limitOfKind(kind: string | undefined, config: MaxAgeConfig) {
  if (!isKind(kind)) {
    const limit = { state: "known", days: maxAgeDaysOfUnknownKind, source: "no known kind" } as const;
    return { configured: false, limit };
  }
  const configured = config.maxAgeDays?.[kind];
  const days = configured ?? kinds[kind].maxAgeDays;
  return { configured: configured !== undefined, limit: { state: "known", days, source: `kind ${kind}` } as const };
}
