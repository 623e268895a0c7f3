import { limitOf, type MaxAgeConfig } from "./maxAge";
import { tags } from "./names";
import { cureOf, isManaged, type Run, type SecretFacts, type Violation } from "./secret";
import { isOlderThan, type SecretAge, secretAge } from "./secretAge";
import { inDays, startOfDay, utcDate } from "./utcDays";

/**
 * The rule of `secret-max-age`: AWSCURRENT is not older than its limit, as the tag `rotated-at` dates it.
 * A secret that people rotate (strategy `manual`) counts from `created-at` until it has one; one that AWS rotates
 * (strategy `native`) has one when a run has followed it, and is left to the live check before that.
 *
 * @param currentCreatedAt  when Secrets Manager created AWSCURRENT, where that is known: it then dates the secret
 */
export function checkMaxAge(secret: SecretFacts, run: Run, config: MaxAgeConfig, currentCreatedAt?: Date): Violation[] {
  if (!isManaged(secret)) return [];
  const limit = limitOf(secret, run, config);
  const cure = cureOf(secret, run);
  if (limit.state === "malformed") {
    const message = `${secret.name}: its tag max-age-days is no whole number from 1 to 3650, so it has no limit. Correct the tag`;
    return [{ message }];
  }
  const { source, age } = ageOf(secret, run, currentCreatedAt);
  const itsLimit = `its limit is ${inDays(limit.days)} (${limit.source})`;
  switch (age.state) {
    case "missing":
      return [];
    case "malformed":
      return [
        { message: `${secret.name}: its ${source} is no ISO 8601 date, so its age is unknown; ${itsLimit}. ${cure}` },
      ];
    case "future":
      return [
        {
          message: `${secret.name}: its ${source} lies in the future (${age.at.toISOString()}), so its age is unknown; ${itsLimit}. ${cure}`,
        },
      ];
    case "known":
      if (!isOlderThan(age.ageDays, limit.days)) return [];
      return [
        { message: `${secret.name} is ${inDays(age.ageDays)} old (since ${utcDate(age.at)}); ${itsLimit}. ${cure}` },
      ];
  }
}

/** From when on the rule is violated; undefined where only a first rotation or the live check can tell. */
export function maxAgeDueAt(
  secret: SecretFacts,
  run: Run,
  config: MaxAgeConfig,
  currentCreatedAt?: Date,
): Date | undefined {
  if (!isManaged(secret)) return undefined;
  const limit = limitOf(secret, run, config);
  const { age } = ageOf(secret, run, currentCreatedAt);
  if (age.state === "missing") return undefined;
  return limit.state === "known" && age.state === "known" ? startOfDay(age.at, limit.days + 1) : run.now;
}

/** The age that the rule compares, and what dates it. */
export function ageOf(secret: SecretFacts, run: Run, currentCreatedAt?: Date): { source: string; age: SecretAge } {
  const { source, date } = dateOf(secret, currentCreatedAt);
  return { source, age: secretAge(date, run.now) };
}

function dateOf(secret: SecretFacts, currentCreatedAt?: Date): { source: string; date: string | Date | undefined } {
  if (currentCreatedAt) return { source: "AWSCURRENT", date: currentCreatedAt };
  const rotatedAt = secret.tags[tags.rotatedAt];
  if (rotatedAt === undefined && secret.tags[tags.strategy] === "native")
    return { source: "AWSCURRENT", date: undefined };
  if (rotatedAt !== undefined || secret.tags[tags.strategy] !== "manual") {
    return { source: `tag ${tags.rotatedAt}`, date: rotatedAt };
  }
  return { source: `tag ${tags.createdAt}`, date: secret.tags[tags.createdAt] ?? secret.createdAt };
}
