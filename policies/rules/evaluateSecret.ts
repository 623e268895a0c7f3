import {
  type CertificateExpiryConfig,
  certificateDueAt,
  checkCertificateExpiry,
  daysToExpiry,
} from "./certificateExpiry";
import { defaultLevel, type Level } from "./environments";
import { checkWaivers, isDisabled, isExcepted, type WaiverConfig } from "./exceptions";
import { checkLevels, stayEnabled } from "./levels";
import { limitOf, type MaxAgeConfig } from "./maxAge";
import { levelOf, type PackConfig, propertiesOf } from "./packConfig";
import { namesOf, type Run, type SecretFacts, type Violation } from "./secret";
import { checkHasStrategy, type HasStrategyConfig } from "./secretHasStrategy";
import { ageOf, checkMaxAge, maxAgeDueAt } from "./secretMaxAge";
import { checkNeverRotated, type NeverRotatedConfig, neverRotatedDueAt } from "./secretNeverRotated";
import { checkRetirePending, type RetirePendingConfig, retirePendingDueAt } from "./secretRetirePending";

type RuleConfig = MaxAgeConfig & NeverRotatedConfig & CertificateExpiryConfig & HasStrategyConfig & RetirePendingConfig;
interface Rule {
  check(secret: SecretFacts, run: Run, config: RuleConfig): Violation[];
  dueAt(secret: SecretFacts, run: Run, config: RuleConfig, currentCreatedAt?: Date): Date | undefined;
}

/** The policies that need nothing but a secret's name and tags, so that they can also judge what is live in AWS. */
const rules = Object.freeze({
  "secret-max-age": { check: checkMaxAge, dueAt: maxAgeDueAt },
  "secret-never-rotated": { check: checkNeverRotated, dueAt: neverRotatedDueAt },
  "secret-retire-pending": { check: checkRetirePending, dueAt: retirePendingDueAt },
  "certificate-expiry": { check: checkCertificateExpiry, dueAt: certificateDueAt },
  "secret-has-strategy": { check: checkHasStrategy, dueAt: () => undefined },
}) satisfies Record<string, Rule>;

export type SecretPolicy = keyof typeof rules;
export const secretPolicies = Object.keys(rules) as readonly SecretPolicy[];

/** The run that looks at a live secret, with the pack's configuration: the same file that the engine gets. */
export interface Evaluation extends Run {
  readonly config?: PackConfig;
}

/** One violation, with the level at which it counts; `secret` is the full name, undefined for the configuration. */
export interface PolicyViolation {
  readonly policy: string;
  readonly level: Level;
  readonly secret: string | undefined;
  readonly message: string;
}

/** Judges one live secret exactly as the pack judges a Secret of the stack. */
export function evaluateSecret(secret: SecretFacts, evaluation: Evaluation): PolicyViolation[] {
  const names = namesOf(secret, evaluation);
  return secretPolicies.flatMap((policy) => {
    const { level, config } = configured(policy, evaluation);
    if (level === "disabled" || isDisabled(config, evaluation.now) || isExcepted(names, config, evaluation.now))
      return [];
    return rules[policy]
      .check(secret, evaluation, config)
      .map((v) => ({ policy, level: v.level ?? level, secret: secret.name, message: v.message }));
  });
}

/** What is to be said of the configuration itself, once a run: exceptions, and policies that are disabled or lowered. */
export function evaluateConfig(evaluation: Evaluation): PolicyViolation[] {
  const { environment, now } = evaluation;
  const byDefault = defaultLevel(environment);
  const waived = secretPolicies.flatMap((policy) => {
    const { level, config } = configured(policy, evaluation);
    if (level === "disabled") return [];
    const violations = checkWaivers(policy, config, now);
    return violations.map((v) => ({ policy, level: v.level ?? level, secret: undefined, message: v.message }));
  });
  const levels = secretPolicies.map((policy) => {
    const { level, config } = configured(policy, evaluation);
    return { policy, byDefault, configured: level, lowered: config.lowered };
  });
  const { lowered }: WaiverConfig = propertiesOf(evaluation.config ?? {}, stayEnabled);
  const ofLevels = checkLevels(levels, lowered, now).map((v) => {
    return { policy: stayEnabled, level: v.level ?? byDefault, secret: undefined, message: v.message };
  });
  return [...waived, ...ofLevels];
}

/** Age, limit and the moment from which on a policy is violated, e.g. for a status table or `--due-within`. */
export interface SecretStatus {
  /** UTC days since what dates it for `secret-max-age`; undefined where that is missing or cannot be read. */
  readonly ageDays: number | undefined;
  /** Days; undefined where the tag `max-age-days` cannot be read. */
  readonly limitDays: number | undefined;
  /** UTC days until the tag `not-after`, negative afterwards; missing where it says none. */
  readonly daysToExpiry?: number;
  /** The first violation: it may lie in the past; undefined where nothing ever becomes due. */
  readonly due: { readonly policy: SecretPolicy; readonly at: Date } | undefined;
}

/** @param currentCreatedAt  when Secrets Manager created AWSCURRENT, where that is to date the secret */
export function statusOf(secret: SecretFacts, evaluation: Evaluation, currentCreatedAt?: Date): SecretStatus {
  const { age } = ageOf(secret, evaluation, currentCreatedAt);
  const limit = limitOf(secret, evaluation, configured("secret-max-age", evaluation).config);
  const due = secretPolicies.flatMap((policy) => {
    const at = rules[policy].dueAt(secret, evaluation, configured(policy, evaluation).config, currentCreatedAt);
    return at ? [{ policy, at }] : [];
  });
  const toExpiry = daysToExpiry(secret, evaluation.now);
  return {
    ...(toExpiry !== undefined && { daysToExpiry: toExpiry }),
    ageDays: age.state === "known" ? age.ageDays : undefined,
    limitDays: limit.state === "known" ? limit.days : undefined,
    due: due.sort((a, b) => a.at.getTime() - b.at.getTime())[0],
  };
}

function configured(policy: SecretPolicy, evaluation: Evaluation) {
  const pack = evaluation.config ?? {};
  const config: RuleConfig & WaiverConfig = propertiesOf(pack, policy);
  return { level: levelOf(pack, policy, evaluation.environment), config };
}
