import { type Calendar, later } from "./calendar";

/** When a scheduled run takes a secret, and why then. */
export interface NextRotation {
  /** ISO 8601. */
  readonly at: string;
  readonly why: string;
}

/** What makes a secret due. */
export interface Cause {
  /** For people, e.g. `stale from 2026-12-20`. */
  readonly text: string;
  /** When it has to be rotated before; undefined: as soon as may be. */
  readonly limit: Date | undefined;
  /** How much earlier it is to be rotated than its limit wants. */
  readonly jitterSeconds: number;
}

/** Within a calendar, at one moment. */
export interface Schedule {
  readonly calendar: Calendar;
  readonly now: Date;
  /** Between two scheduled runs, where no window says when they are; the margin of a run that fails, where one does. */
  readonly dueWithinSeconds: number;
}

/** Whether a scheduled run takes it now, if it may: no later one would come before its limit, or before what jitter makes of it. */
export function isDue(cause: Cause, { calendar, now, dueWithinSeconds }: Schedule): boolean {
  const { limit, jitterSeconds } = cause;
  if (limit === undefined) return true;
  const horizon = horizonAt(now, calendar, dueWithinSeconds);
  return horizon === undefined || later(limit, -jitterSeconds) <= horizon;
}

/** Whether a run that goes by the schedule may rotate now. */
export function isOpen(calendar: Calendar, at: Date): boolean {
  return calendar.freezeAt(at) === undefined && calendar.inWindow(at);
}

/** Up to when a run at this moment has to look, so that the next one is not too late; undefined: there is no next one. */
function horizonAt(now: Date, calendar: Calendar, marginSeconds: number): Date | undefined {
  if (calendar.hasWindows) {
    const next = calendar.nextRun(now);
    return next && later(next, marginSeconds);
  }
  let horizon = later(now, marginSeconds);
  for (let freeze = calendar.freezeAt(horizon); freeze; freeze = calendar.freezeAt(horizon)) {
    horizon = later(freeze.to, marginSeconds);
  }
  return horizon;
}

/** When a scheduled run takes it: the first one for which it is due. Undefined: no window opens any more. */
export function nextRotation(cause: Cause, schedule: Schedule): NextRotation | undefined {
  const at = firstRun(cause, schedule);
  return at && { at: at.toISOString(), why: whyThen(cause, at, schedule) };
}

function firstRun(cause: Cause, schedule: Schedule): Date | undefined {
  const { calendar, now, dueWithinSeconds } = schedule;
  const isTaken = (at: Date) => isOpen(calendar, at) && isDue(cause, { ...schedule, now: at });
  if (isTaken(now)) return now;
  const { limit, jitterSeconds } = cause;
  // A run that another one follows before this moment need not take it yet.
  const needed = limit === undefined ? now : later(limit, -jitterSeconds - dueWithinSeconds);
  if (calendar.hasWindows) {
    const last = calendar.lastRun(needed);
    return last && last > now ? last : calendar.nextRun(now);
  }
  // It becomes due as time goes by, or because a freeze is near; or it is due already, and a freeze ends.
  const turns = calendar.freezes.flatMap(({ from, to }) => [later(from, -dueWithinSeconds), to]);
  return [needed, ...turns].filter((at) => at > now && isTaken(at)).sort((a, b) => a.getTime() - b.getTime())[0];
}

function whyThen({ text, limit, jitterSeconds }: Cause, at: Date, { calendar, now }: Schedule): string {
  const held = calendar.freezeAt(now);
  // A freeze between the run and the moment for which it would else be early enough.
  const wanted = limit && later(limit, -jitterSeconds);
  const next = wanted && calendar.freezes.find(({ from }) => at < from && from < wanted);
  return [
    text,
    ...(limit && jitterSeconds >= 3600 ? [`${inDays(jitterSeconds)} of jitter`] : []),
    ...(held ? [frozenText(held)] : []),
    ...(next && !held ? [`before the freeze from ${dayOf(next.from)}: ${next.reason}`] : []),
    ...(limit && at >= limit && at > now ? ["no run comes before its limit"] : []),
  ].join("; ");
}

/** Of a freeze that holds a run up, as a part of why it comes when it does. */
export function frozenText({ to, reason }: { readonly to: Date; readonly reason: string }): string {
  return `frozen until ${dayOf(to)}: ${reason}`;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function inDays(seconds: number): string {
  return `${(seconds / 86_400).toFixed(1)} d`;
}
