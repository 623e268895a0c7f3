import { tags } from "./names";
import { cureOf, isManaged, type Run, type SecretFacts, type Violation } from "./secret";
import { isOlderThan, secretAge } from "./secretAge";
import { inDays, startOfDay, utcDate } from "./utcDays";

export interface NeverRotatedConfig {
  /** Days after its creation in which a secret may wait for its first rotation. Default: 1. */
  readonly afterDays?: number;
}

export const defaultAfterDays = 1;

/** The rule of `secret-never-rotated`: a secret gets its first rotation soon after it was created. */
export function checkNeverRotated(secret: SecretFacts, run: Run, config: NeverRotatedConfig): Violation[] {
  if (!awaitsFirstRotation(secret)) return [];
  const afterDays = config.afterDays ?? defaultAfterDays;
  const cure = cureOf(secret, run);
  const due = `a first rotation is due ${inDays(afterDays)} after its creation`;
  const age = secretAge(createdAt(secret), run.now);
  switch (age.state) {
    case "missing":
      return [
        {
          message: `${secret.name} has neither of the tags rotated-at and created-at, so its age is unknown; ${due}. ${cure}`,
        },
      ];
    case "malformed":
      return [
        { message: `${secret.name} was never rotated, and its tag created-at is no ISO 8601 date; ${due}. ${cure}` },
      ];
    case "future":
      return [
        {
          message: `${secret.name} was never rotated, and its tag created-at lies in the future (${age.at.toISOString()}); ${due}. ${cure}`,
        },
      ];
    case "known":
      if (!isOlderThan(age.ageDays, afterDays)) return [];
      return [
        {
          message: `${secret.name} is ${inDays(age.ageDays)} old (since ${utcDate(age.at)}) and was never rotated; ${due}. ${cure}`,
        },
      ];
  }
}

/** From when on the rule is violated; undefined for a secret that had its first rotation. */
export function neverRotatedDueAt(secret: SecretFacts, run: Run, config: NeverRotatedConfig): Date | undefined {
  if (!awaitsFirstRotation(secret)) return undefined;
  const age = secretAge(createdAt(secret), run.now);
  return age.state === "known" ? startOfDay(age.at, (config.afterDays ?? defaultAfterDays) + 1) : run.now;
}

function createdAt(secret: SecretFacts): string | Date | undefined {
  return secret.tags[tags.createdAt] ?? secret.createdAt;
}

/** AWS (`native`) and people (`manual`) write no first version through a rotation of this software. */
function awaitsFirstRotation(secret: SecretFacts): boolean {
  const strategy = secret.tags[tags.strategy];
  const byOthers = strategy === "native" || strategy === "manual";
  return isManaged(secret) && !byOthers && secret.tags[tags.rotatedAt] === undefined;
}
