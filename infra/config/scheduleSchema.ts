import { Cron } from "croner";
import { z } from "zod";
import { duration } from "./duration";

const timeZone = z.string().refine(isTimeZone, "must be a time zone of IANA, e.g. Europe/Berlin");

const windowSchema = z.strictObject({
  /** When the window opens, in five fields: minute, hour, day of the month, month, day of the week. */
  cron: z.string().superRefine((text, { addIssue }) => {
    const problem = problemOfCron(text);
    if (problem !== undefined) addIssue(problem);
  }),
  /** For how long it is open. A run that has begun in it goes on. */
  duration: duration({ min: "5m", max: "31d" }),
});

const freezeSchema = z.strictObject({
  from: z.string().refine(isLocal, localTime()),
  /** A day is part of the freeze; a time is its end. */
  to: z.string().refine(isLocal, localTime()),
  reason: z.string().trim().min(1, "must say why nothing may change"),
});

/** `secret-rotation:schedule` in Pulumi.<stack>.yaml: when secrets are rotated. */
export const scheduleSchema = z
  .strictObject({
    /** Of the windows and of the freezes. */
    timeZone: timeZone.default("UTC"),
    /** When `rotate --due` may rotate; none: at any time. Each begins when a scheduled run does. */
    windows: z.array(windowSchema).default([]),
    /** When nothing is rotated, but in an emergency, or where somebody says why. */
    freezes: z.array(freezeSchema).default([]),
    /** How much earlier than its limit a secret is due at most, so that not all are at once; at most a quarter of its limit. */
    jitter: duration({ min: "0s", max: "90d" }).prefault("14d"),
  })
  .transform((declared, { addIssue }) => {
    const { timeZone: zone } = declared;
    const freezes = declared.freezes.map(({ from, to, reason }, i) => {
      const freeze = { from: instant(from, zone), to: instant(isDay(to) ? dayAfter(to) : to, zone), reason };
      if (freeze.from >= freeze.to) {
        const message = `must be after from, ${from}`;
        addIssue({ code: "custom", input: to, path: ["freezes", i, "to"], message });
      }
      return freeze;
    });
    return { ...declared, freezes };
  });

export type ScheduleDeclaration = z.output<typeof scheduleSchema>;
/** From one instant to another, which is no part of it. */
export type Freeze = ScheduleDeclaration["freezes"][number];

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function problemOfCron(text: string): string | undefined {
  try {
    const isNever = new Cron(text, { mode: "5-part", timezone: "UTC", paused: true }).nextRun() === null;
    return isNever ? `"${text}" never comes: correct the day or the month` : undefined;
  } catch (error) {
    return `"${text}" is no cron expression of five fields, e.g. 0 2 * * MON: ${(error as Error).message}`;
  }
}

function localTime(): string {
  return 'must be a day or a local time in quotes: "2026-12-18" or "2026-12-18T22:00"';
}

const day = /^(\d{4})-(\d{2})-(\d{2})( 00:00:00 \+0000 UTC)?$/;
const time = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d$/;

/** A day without quotes is a date of YAML, which Pulumi hands on as Go writes its midnight in UTC. */
function isDay(text: string): boolean {
  return day.test(text);
}

function isLocal(text: string): boolean {
  const [, y, m, d] = day.exec(text) ?? time.exec(text) ?? [];
  // Date itself turns February 30th into March 2nd.
  return d !== undefined && new Date(Date.UTC(Number(y), Number(m) - 1, Number(d))).getUTCDate() === Number(d);
}

function dayAfter(text: string): string {
  return new Date(Date.parse(text.slice(0, 10)) + 86_400_000).toISOString().slice(0, 10);
}

/** A day is its first moment. */
function instant(text: string, timezone: string): Date {
  const local = isDay(text) ? `${text.slice(0, 10)}T00:00:00` : `${text}:00`;
  return new Cron(local, { timezone, paused: true }).getOnce() as Date;
}
