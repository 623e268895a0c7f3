import { tags } from "./names";
import { cureOf, type Run, type SecretFacts, type Violation } from "./secret";
import { daysBetween, inDays, parseInstant, startOfDay, utcDate } from "./utcDays";

export interface CertificateExpiryConfig {
  /** Days before its end from which on a certificate is reported. Default: 60. */
  readonly advisoryDays?: number;
  /** Days before its end from which on it counts as a violation. Default: 30. */
  readonly mandatoryDays?: number;
}

export const defaultAdvisoryDays = 60;
export const defaultMandatoryDays = 30;

/**
 * The rule of `certificate-expiry`: a certificate is renewed long before its tag `not-after`. Where the tag `renew-from` says
 * when, it is advice from then on, and a violation when half of the time that is left then has passed: so it fits any
 * lifetime. Without that tag days count: exactly `mandatoryDays` before its end it is advice still, exactly `advisoryDays`
 * before nothing.
 */
export function checkCertificateExpiry(secret: SecretFacts, run: Run, config: CertificateExpiryConfig): Violation[] {
  if (!isIssued(secret)) return [];
  const cure = cureOf(secret, run);
  const mandatoryDays = config.mandatoryDays ?? defaultMandatoryDays;
  const advisoryDays = Math.max(mandatoryDays, config.advisoryDays ?? defaultAdvisoryDays);
  const text = secret.tags[tags.notAfter];
  if (text === undefined) {
    return [{ message: `${secret.name} is a certificate without the tag not-after, so its end is unknown. ${cure}` }];
  }
  const notAfter = parseInstant(text);
  if (notAfter === undefined) {
    return [{ message: `${secret.name}: its tag not-after is no ISO 8601 date, so its end is unknown. ${cure}` }];
  }
  const renewFrom = parseInstant(secret.tags[tags.renewFrom] ?? "");
  if (renewFrom) return checkShare(secret, run, { renewFrom, notAfter });
  const daysLeft = daysBetween(run.now, notAfter);
  if (daysLeft >= advisoryDays) return [];
  const limit = inDays(daysLeft < mandatoryDays ? mandatoryDays : advisoryDays);
  const message = `${secret.name} ${endOf(notAfter, run.now)}; its limit is ${limit} before. ${cure}`;
  return [daysLeft < mandatoryDays ? { message } : { message, level: "advisory" }];
}

function checkShare(secret: SecretFacts, run: Run, until: { renewFrom: Date; notAfter: Date }): Violation[] {
  const { renewFrom, notAfter } = until;
  if (run.now < renewFrom) return [];
  const half = (renewFrom.getTime() + notAfter.getTime()) / 2;
  const message = `${secret.name} ${endOf(notAfter, run.now)}; it is to be renewed from ${utcDate(renewFrom)} on. ${cureOf(secret, run)}`;
  return [run.now.getTime() < half ? { message, level: "advisory" } : { message }];
}

/** From when on it is to be renewed, or, without the tag `renew-from`, more than advice; undefined for what is no certificate, or has none yet. */
export function certificateDueAt(secret: SecretFacts, run: Run, config: CertificateExpiryConfig): Date | undefined {
  if (!isIssued(secret)) return undefined;
  const notAfter = parseInstant(secret.tags[tags.notAfter] ?? "");
  const renewFrom = parseInstant(secret.tags[tags.renewFrom] ?? "");
  if (notAfter && renewFrom) return renewFrom;
  return notAfter ? startOfDay(notAfter, 1 - (config.mandatoryDays ?? defaultMandatoryDays)) : run.now;
}

/** Days until the end that the tag `not-after` says, negative afterwards; undefined where it says none that can be read. */
export function daysToExpiry(secret: SecretFacts, now: Date): number | undefined {
  const notAfter = parseInstant(secret.tags[tags.notAfter] ?? "");
  return notAfter && daysBetween(now, notAfter);
}

/** Before its first rotation a certificate has no end: secret-never-rotated looks after it. */
function isIssued(secret: SecretFacts): boolean {
  if (secret.tags[tags.notAfter] !== undefined) return true;
  return secret.tags[tags.kind] === "certificate" && secret.tags[tags.rotatedAt] !== undefined;
}

function endOf(notAfter: Date, now: Date): string {
  const days = daysBetween(now, notAfter);
  const date = utcDate(notAfter);
  if (notAfter.getTime() > now.getTime())
    return days === 0 ? `ends today (${date})` : `ends in ${inDays(days)} (${date})`;
  return days === 0 ? `ended today (${date})` : `ended ${inDays(-days)} ago (${date})`;
}
