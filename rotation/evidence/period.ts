import { UsageError } from "../errors";

/** Whole UTC days, the first and the last one with them. */
export interface Period {
  /** E.g. `2026-01-01`. */
  readonly from: string;
  readonly to: string;
}

/** @throws {UsageError} when one is no date, the end lies before the beginning, or ahead of today */
export function periodOf(from: string, to: string, now: Date): Period {
  for (const [option, day] of [
    ["--from", from],
    ["--to", to],
  ] as const) {
    if (!isDay(day)) throw new UsageError(`${option} ${day} is no day: write one such as 2026-03-31`);
  }
  if (to < from) throw new UsageError(`--to ${to} lies before --from ${from}`);
  const today = now.toISOString().slice(0, 10);
  if (to > today) throw new UsageError(`--to ${to} lies ahead: there is evidence up to today, ${today} (UTC)`);
  return { from, to };
}

/** Date itself takes February 30th for a day of March. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Whether a time in ISO 8601, UTC, lies in it. */
export function isWithin({ from, to }: Period, iso: string): boolean {
  const day = iso.slice(0, 10);
  return day >= from && day <= to;
}
