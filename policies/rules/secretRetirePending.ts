import { endOfWait, type LaterPhase, nextPhase, phaseFactsIn } from "./phases";
import { isManaged, type Run, rotateCommand, type SecretFacts, shortName, type Violation } from "./secret";
import { isOlderThan, secretAge } from "./secretAge";
import { inDays, startOfDay, utcDate } from "./utcDays";

export interface RetirePendingConfig {
  /** Days after the end of the grace period in which an older credential may stay valid, or the next one unused. Default: 7. */
  readonly afterDays?: number;
}

export const defaultAfterDays = 7;

/** The rule of `secret-retire-pending`: a rotation of several phases comes to its end, soon after each may be done. */
export function checkRetirePending(secret: SecretFacts, run: Run, config: RetirePendingConfig): Violation[] {
  const { phase, since } = pending(secret, run) ?? {};
  const afterDays = config.afterDays ?? defaultAfterDays;
  if (phase === undefined || since === undefined) return [];
  const age = secretAge(since, run.now);
  if (age.state !== "known" || !isOlderThan(age.ageDays, afterDays)) return [];
  const message =
    `${secret.name}: ${what[phase](utcDate(since))}; ` +
    `${inDays(afterDays)} are allowed. Run: ${rotateCommand(shortName(secret, run), run.stack)}`;
  return [{ message }];
}

/** From when on the rule is violated; undefined: nothing is to be retired. */
export function retirePendingDueAt(secret: SecretFacts, run: Run, config: RetirePendingConfig): Date | undefined {
  if (!isManaged(secret) || nextPhase(phaseFactsIn(secret.tags), run.now).state === "none") return undefined;
  return startOfDay(endOfWait(secret.tags) ?? run.now, (config.afterDays ?? defaultAfterDays) + 1);
}

const what = {
  activate: (date) => `the credential that is known everywhere could be activated since ${date}, and is not used yet`,
  retire: (date) => `the credential before the current one could be retired since ${date}, and may still be valid`,
} as const satisfies Record<LaterPhase, (date: string) => string>;

function pending(secret: SecretFacts, run: Run) {
  const next = nextPhase(phaseFactsIn(secret.tags), run.now);
  if (!isManaged(secret) || next.state !== "ready") return undefined;
  return { phase: next.phase, since: endOfWait(secret.tags) };
}
