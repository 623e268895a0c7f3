import { Cron } from "croner";
import type { Freeze, ScheduleDeclaration } from "../../infra/config/scheduleSchema";

/** When rotations may be. A moment is open when it lies in a window, or there are none, and in no freeze. */
export interface Calendar {
  readonly hasWindows: boolean;
  /** In their order; those that adjoin or overlap are one. */
  readonly freezes: readonly Freeze[];
  inWindow(at: Date): boolean;
  /** The freeze in which this moment lies. */
  freezeAt(at: Date): Freeze | undefined;
  /** The next beginning of a window after this moment that lies in no freeze; undefined: there is none. */
  nextRun(after: Date): Date | undefined;
  /** The last one before this moment. */
  lastRun(before: Date): Date | undefined;
}

export function calendarOf(schedule: ScheduleDeclaration | undefined): Calendar {
  const { windows = [], freezes = [], timeZone = "UTC" } = schedule ?? {};
  const crons = windows.map(({ cron, duration }) => {
    // Paused: it is asked for dates, and starts no timer.
    return { starts: new Cron(cron, { mode: "5-part", timezone: timeZone, paused: true }), seconds: duration };
  });
  const joined = joinedFreezes(freezes);
  // Every secret of a stack has the same question, and croner takes half a millisecond for it.
  const runs = new Map<number, { readonly start: Date | undefined }>();
  const freezeAt = (at: Date) => joined.find(({ from, to }) => from <= at && at < to);
  const next = (after: Date) => earliest(crons.map(({ starts }) => starts.nextRun(after)));
  const last = (before: Date) => latest(crons.map(({ starts }) => starts.previousRuns(1, before)[0] ?? null));
  return {
    hasWindows: crons.length > 0,
    freezes: joined,
    inWindow: (at) =>
      crons.length === 0 ||
      crons.some(({ starts, seconds }) => {
        // A start within the last `seconds`; this very second's too.
        const start = starts.nextRun(later(at, -seconds));
        return start !== null && start <= at;
      }),
    freezeAt,
    nextRun(after) {
      const known = runs.get(after.getTime());
      if (known) return known.start;
      let start = next(after);
      for (let freeze = start && freezeAt(start); freeze; freeze = start && freezeAt(start)) {
        start = next(later(freeze.to, -1));
      }
      runs.set(after.getTime(), { start });
      return start;
    },
    lastRun(before) {
      for (let to = before; ; ) {
        const start = last(to);
        const freeze = start && freezeAt(start);
        if (!freeze) return start;
        to = freeze.from;
      }
    },
  };
}

export function later(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

function joinedFreezes(freezes: readonly Freeze[]): Freeze[] {
  const joined: Freeze[] = [];
  for (const freeze of freezes.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
    const before = joined.at(-1);
    if (!before || before.to < freeze.from) joined.push(freeze);
    else {
      const to = before.to > freeze.to ? before.to : freeze.to;
      joined[joined.length - 1] = { from: before.from, to, reason: `${before.reason}; ${freeze.reason}` };
    }
  }
  return joined;
}

function earliest(dates: readonly (Date | null)[]): Date | undefined {
  return sorted(dates)[0];
}

function latest(dates: readonly (Date | null)[]): Date | undefined {
  return sorted(dates).at(-1);
}

function sorted(dates: readonly (Date | null)[]): Date[] {
  return dates.filter((date) => date !== null).sort((a, b) => a.getTime() - b.getTime());
}
