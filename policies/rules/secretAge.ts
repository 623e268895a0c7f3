import { daysBetween, parseInstant } from "./utcDays";

/** Clocks of the machines that write and read a date may differ by this much. */
export const clockSkewSeconds = 300;

/** What a date says of an age. Every date that can be written falls into exactly one of these. */
export type SecretAge =
  | { readonly state: "known"; readonly at: Date; readonly ageDays: number }
  | { readonly state: "missing" }
  | { readonly state: "malformed" }
  | { readonly state: "future"; readonly at: Date };

/**
 * The age of what a date speaks of, in UTC days: the number of UTC midnights since then. So it is the same at every
 * hour of a day and in every time zone, knows no daylight saving, and counts a leap day like any other.
 *
 * * **missing** (no date): no age; for a date `rotated-at` the policy secret-never-rotated takes over.
 * * **malformed** (no ISO 8601 date, or a time without a zone): no age, which is a violation wherever one is needed.
 * * **future**: ahead of now by more than {@link clockSkewSeconds}: no age, a violation. Less than that is age 0.
 * * **known**: compared by {@link isOlderThan}: exactly at the limit passes, a day more does not.
 */
export function secretAge(date: string | Date | undefined, now: Date): SecretAge {
  if (date === undefined) return { state: "missing" };
  const at = typeof date === "string" ? parseInstant(date) : date;
  if (at === undefined || Number.isNaN(at.getTime())) return { state: "malformed" };
  if (at.getTime() > now.getTime() + clockSkewSeconds * 1000) return { state: "future", at };
  return { state: "known", at, ageDays: Math.max(0, daysBetween(at, now)) };
}

/** Whether an age is past its limit. Exactly at the limit is not. */
export function isOlderThan(ageDays: number, limitDays: number): boolean {
  return ageDays > limitDays;
}
