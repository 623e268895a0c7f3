import type { Calendar } from "./calendar";

/** Why a scheduled run rotates nothing at this moment, and when one does again; undefined: it may rotate. */
export function whyClosed(calendar: Calendar, now: Date): string | undefined {
  const freeze = calendar.freezeAt(now);
  if (!freeze && calendar.inWindow(now)) return undefined;
  const why = freeze ? `a freeze until ${freeze.to.toISOString()} (${freeze.reason})` : "no window is open";
  if (!calendar.hasWindows) return why;
  const next = calendar.nextRun(now);
  return `${why}; ${next ? `the next window opens at ${next.toISOString()}` : "no window opens any more"}`;
}
