/** CloudWatch's evaluation of metric alarms as its documentation has it: moto evaluates none. */

export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** The inputs of a MetricAlarm that decide on its state. */
export interface AlarmRule {
  readonly metricName: string;
  readonly statistic: "Minimum" | "Maximum" | "Sum";
  readonly comparisonOperator: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold";
  readonly threshold: number;
  /** Seconds. */
  readonly period: number;
  /** N. */
  readonly evaluationPeriods: number;
  /** M. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: "missing" | "ignore" | "breaching" | "notBreaching";
  readonly warmUpConfiguration?: { readonly warmUpPeriodDurationInMinutes: number };
}

/** One period: whether its data point breaches; undefined: it has none. */
export type Period = boolean | undefined;

/**
 * The state that follows from the periods of the evaluation range, the oldest first. They are N or more: CloudWatch looks
 * farther back than N periods, and does not say how far.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateAfter(
  { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData: missing }: Omit<AlarmRule, "metricName">,
  range: readonly Period[],
  now: State,
): State {
  const real = range.filter((period) => period !== undefined);
  const judged = (breaching: number): State => (breaching >= m ? "ALARM" : "OK");
  const breaching = real.filter(Boolean).length;
  // With enough data points it does not matter how missing ones are treated.
  if (real.length >= n) return judged(real.slice(-n).filter(Boolean).length);
  if (missing === "breaching") return judged(breaching + n - real.length);
  if (missing === "notBreaching") return judged(breaching);
  if (breaching < real.length) return judged(breaching);
  // All that there is breaches: an alarm where that has gone on for as long as M periods.
  const sinceOldest = range.length - range.indexOf(true);
  const isOldEnough = real.length > 0 && sinceOldest >= m;
  if (missing === "ignore") return now;
  return isOldEnough ? "ALARM" : "INSUFFICIENT_DATA";
}

/** A value of the alarm's metric; `at` is in seconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Change {
  readonly at: number;
  readonly state: State;
}

/**
 * What becomes of an alarm that is made at 0, until a time in seconds. It is evaluated once a minute, over a window that
 * slides with the time; during its warm-up it is not, unless data fills the window.
 *
 * @param more  periods that CloudWatch looks back beyond N
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
 */
export function changes(rule: AlarmRule, points: readonly Point[], until: number, more: number): Change[] {
  const warmUp = (rule.warmUpConfiguration?.warmUpPeriodDurationInMinutes ?? 0) * 60;
  const found: Change[] = [];
  let state: State = "INSUFFICIENT_DATA";
  let isWarm = warmUp === 0;
  for (let now = 60; now <= until; now += 60) {
    const range = rangeAt(rule, points, now, rule.evaluationPeriods + more);
    isWarm ||= now >= warmUp || range.slice(-rule.evaluationPeriods).every((period) => period !== undefined);
    if (!isWarm) continue;
    const next = stateAfter(rule, range, state);
    if (next !== state) found.push({ at: now, state: next });
    state = next;
  }
  return found;
}

function rangeAt(rule: AlarmRule, points: readonly Point[], now: number, length: number): Period[] {
  const values: number[][] = Array.from({ length }, () => []);
  for (const { at, value } of points) {
    const back = Math.floor((now - at) / rule.period);
    if (at <= now && back < length) values[length - 1 - back]?.push(value);
  }
  return values.map((inPeriod) => (inPeriod.length === 0 ? undefined : breaches(rule, inPeriod)));
}

function breaches({ statistic, comparisonOperator, threshold }: AlarmRule, values: readonly number[]): boolean {
  const of = {
    Minimum: () => Math.min(...values),
    Maximum: () => Math.max(...values),
    Sum: () => values.reduce((sum, value) => sum + value, 0),
  };
  const value = of[statistic]();
  return comparisonOperator === "GreaterThanThreshold" ? value > threshold : value >= threshold;
}
