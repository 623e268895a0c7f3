/** Dates of tags and of exceptions, and ages in whole UTC days. Nothing here knows the time zone of the machine. */

const msPerDay = 86_400_000;
const time = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?`;
const zone = String.raw`(Z|[+-](0\d|1[0-4]):[0-5]\d)`;
const instantPattern = new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})(T${time}${zone})?$`);

/**
 * Reads an ISO 8601 instant, e.g. `2026-03-01T12:00:00Z`; a date alone is its midnight in UTC.
 *
 * @returns undefined where the text is none: a time without a zone, and days such as February 30th, are refused
 */
export function parseInstant(text: string): Date | undefined {
  const match = instantPattern.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // Date itself turns February 30th into March 2nd: a day that there is not lies in another month.
  if (new Date(Date.UTC(year, month - 1, day)).getUTCMonth() !== month - 1) return undefined;
  return new Date(text);
}

/** The number of the UTC day on which the instant lies, counted from 1970-01-01. */
export function utcDay(instant: Date): number {
  return Math.floor(instant.getTime() / msPerDay);
}

/** UTC midnights between two instants: 0 on one UTC day, negative where `to` lies on an earlier day. */
export function daysBetween(from: Date, to: Date): number {
  return utcDay(to) - utcDay(from);
}

/** Midnight in UTC, `days` days after the UTC day of the instant. */
export function startOfDay(instant: Date, days = 0): Date {
  return new Date((utcDay(instant) + days) * msPerDay);
}

/** The UTC date of the instant, e.g. `2026-03-01`. */
export function utcDate(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** `1 day`, `2 days`. */
export function inDays(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}
