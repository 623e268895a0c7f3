import { fullName, type metrics } from "../../infra/names";
import { StackLockedError } from "../errors";
import { InterruptedError } from "../interruption";
import { otherPhases, type RunResult, renewals } from "../result";
import type { SecretStatus } from "../status/status";

/** What can be measured of a secret; `maxAge` is for places that know no limits of their own. */
export type Measure = keyof typeof metrics.names | "maxAge";

/** One measured value of one secret. */
export interface Sample {
  readonly measure: Measure;
  readonly environment: string;
  /** Full name, e.g. `prod/shop/orders-db`. */
  readonly secret: string;
  readonly value: number;
}

/**
 * Age and expiry of the secrets whose status says them. One that was never rotated has no age: its alarm rings because of that, when its first
 * rotation is due.
 */
export function samplesOfStatus(environment: string, status: readonly SecretStatus[]): Sample[] {
  const alive = status.filter(({ state }) => !["unknown", "not-provisioned", "deleted"].includes(state));
  return alive.flatMap(({ secret, ageDays, maxAgeDays, daysToExpiry }) =>
    of(environment, secret, { age: ageDays, daysToExpiry, maxAge: maxAgeDays }),
  );
}

/**
 * How a run ended for each of its secrets. A success is told as a failure of 0, too: this is what ends an alarm. A secret
 * whose restore found nothing to do has neither.
 *
 * @param error  what ended the run as a whole: then it has failed for all of them. A lock or an interruption is no failure:
 *   the other update goes on, and whoever asked for the end knows of it
 */
export function samplesOfRun(environment: string, { secrets }: RunResult, error?: unknown): Sample[] {
  return secrets.flatMap(({ secret, outcome, error: own, seconds }) => {
    const isNoFailure = error instanceof StackLockedError || error instanceof InterruptedError;
    const failed = own !== undefined || (error !== undefined && !isNoFailure);
    const isRenewed = renewals.includes(outcome);
    if (!failed && (isNoFailure || !(isRenewed || otherPhases.includes(outcome)))) return [];
    const duration = Object.values(seconds).reduce((sum, step) => sum + step, 0);
    const ends = { success: failed ? 0 : 1, failure: failed ? 1 : 0, duration };
    return of(environment, secret, failed || !isRenewed ? ends : { ...ends, age: 0 });
  });
}

function of(environment: string, secret: string, values: Partial<Record<Measure, number | undefined>>): Sample[] {
  const name = fullName(environment, secret);
  return Object.entries(values).flatMap(([measure, value]) =>
    value === undefined ? [] : [{ measure: measure as Measure, environment, secret: name, value }],
  );
}
