import { z } from "zod";

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86400 } as const;
const pattern = /^(\d+)([smhd])$/;

/** Seconds of a duration such as `90s`, `5m`, `1h`, `7d`; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds];
}

/** The form in which Go writes a duration, e.g. `1h0m0s`: External Secrets rewrites others to it and would show a drift. */
export function goDuration(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}

/** A schema of durations: takes text such as `5m`, yields seconds. */
export function duration(bounds: { min: string; max: string }) {
  const [min, max] = [parseDuration(bounds.min) ?? 0, parseDuration(bounds.max) ?? Number.POSITIVE_INFINITY];
  const written = z.string().meta({ format: "duration", bounds: `${bounds.min} to ${bounds.max}` });
  return written.transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds === undefined) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is no duration: write a number and s, m, h or d, e.g. 5m`,
      });
      return z.NEVER;
    }
    if (seconds < min || seconds > max) {
      context.addIssue({ code: "custom", message: `must be from ${bounds.min} to ${bounds.max}, is ${text}` });
      return z.NEVER;
    }
    return seconds;
  });
}
