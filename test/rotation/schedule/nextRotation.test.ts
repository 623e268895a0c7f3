import assert from "node:assert/strict";
import { Cron } from "croner";
import fc from "fast-check";
import { calendarOf } from "../../../rotation/schedule/calendar";
import { jitterSeconds } from "../../../rotation/schedule/jitter";
import { type Cause, isDue, isOpen, nextRotation, type Schedule } from "../../../rotation/schedule/nextRotation";
import { at, day, scheduleOf } from "./schedules";

const dueWithinSeconds = 86_400;
const begin = at("2027-01-01T00:00:00Z");
const dayOf = (days: number) => new Date(begin.getTime() + days * day).toISOString().slice(0, 10);

interface Estate {
  readonly schedule: { timeZone: string; windows: { cron: string; duration: string }[]; freezes: object[] };
  readonly name: string;
  readonly limitDays: number;
  readonly jitterDays: number;
  /** Of the days on which runs start where there are no windows. */
  readonly hour: number;
}

const freezes = fc.array(fc.tuple(fc.integer({ min: 1, max: 110 }), fc.integer({ min: 0, max: 25 })), { maxLength: 3 });
const estates: fc.Arbitrary<Estate> = fc.record({
  schedule: fc.record({
    timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Pacific/Chatham"),
    windows: fc.uniqueArray(
      fc.record({
        cron: fc.constantFrom("0 2 * * MON", "30 1 * * *", "0 22 1,15 * *", "15 4 * * TUE,THU"),
        duration: fc.constantFrom("30m", "4h", "2d"),
      }),
      { maxLength: 2, selector: ({ cron }) => cron },
    ),
    freezes: freezes.map((all) =>
      all.map(([from, days]) => ({ from: dayOf(from), to: dayOf(from + days), reason: "busy" })),
    ),
  }),
  name: fc.string({ minLength: 1 }),
  limitDays: fc.integer({ min: 5, max: 50 }),
  jitterDays: fc.integer({ min: 0, max: 15 }),
  hour: fc.integer({ min: 0, max: 23 }),
});

const startsOf = new Map<string, Date[]>();

/** When scheduled runs start in these months: found without the calendar. */
function runsOf({ schedule: { windows, timeZone }, hour }: Estate): Date[] {
  const crons = windows.length > 0 ? windows.map(({ cron }) => cron) : [`0 ${hour} * * *`];
  const zone = windows.length > 0 ? timeZone : "UTC";
  const starts = crons.flatMap((cron) => {
    const key = `${cron} ${zone}`;
    const known = startsOf.get(key) ?? new Cron(cron, { timezone: zone, paused: true }).nextRuns(140, begin);
    startsOf.set(key, known);
    return known;
  });
  return starts.filter((start) => start < at("2027-05-15T00:00:00Z")).sort((a, b) => a.getTime() - b.getTime());
}

const causeOf = (estate: Estate, rotatedAt: Date): Cause & { limit: Date } => ({
  text: "stale",
  limit: new Date((Math.floor(rotatedAt.getTime() / day) + estate.limitDays + 1) * day),
  jitterSeconds: jitterSeconds(estate.name, Math.min(estate.jitterDays, estate.limitDays / 4) * 86_400),
});

/** Some months of scheduled runs: those that may rotate, and when they rotated. */
function months(estate: Estate) {
  const declared = scheduleOf(estate.schedule);
  const calendar = calendarOf(declared);
  const isFrozen = (run: Date) => declared.freezes.some(({ from, to }) => from <= run && run < to);
  const runs = runsOf(estate);
  const rotations = [begin];
  for (const now of runs) {
    const cause = causeOf(estate, rotations.at(-1) as Date);
    if (isOpen(calendar, now) && isDue(cause, { calendar, now, dueWithinSeconds })) rotations.push(now);
  }
  return { calendar, runs: runs.filter((run) => !isFrozen(run)), rotations, isFrozen };
}

describe("the schedule of rotations", () => {
  it("rotates at runs alone, and never inside a freeze", () => {
    fc.assert(
      fc.property(estates, (estate) => {
        const { runs, rotations } = months(estate);
        const allowed = new Set(runs.map(Number));
        for (const rotation of rotations.slice(1)) assert.ok(allowed.has(Number(rotation)), rotation.toISOString());
      }),
      { numRuns: 40 },
    );
  });

  it("never lets a secret pass its limit where any run could have rotated it before", () => {
    fc.assert(
      fc.property(estates, (estate) => {
        const { runs, rotations } = months(estate);
        for (const [i, rotatedAt] of rotations.entries()) {
          const { limit } = causeOf(estate, rotatedAt);
          const next = rotations[i + 1] ?? runs.at(-1) ?? begin;
          const missed = runs.filter((run) => run > rotatedAt && run < limit);
          if (next >= limit) assert.deepEqual(missed, [], `rotated at ${rotatedAt.toISOString()}, limit ${limit}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("says beforehand which run takes a secret, and each run says the same", () => {
    fc.assert(
      fc.property(estates, fc.integer({ min: 0, max: 110 * 24 }), (estate, hours) => {
        const { calendar, runs } = months(estate);
        const now = new Date(begin.getTime() + hours * 3_600_000);
        const cause = causeOf(estate, new Date(now.getTime() - 3 * day));
        const schedule: Schedule = { calendar, now, dueWithinSeconds };
        const next = nextRotation(cause, schedule);
        assert.deepEqual(nextRotation(cause, schedule), next);
        assert.ok(next);
        const then = at(next.at);
        const isTaken = (moment: Date) =>
          isOpen(calendar, moment) && isDue(cause, { calendar, now: moment, dueWithinSeconds });
        assert.ok(then >= now && isTaken(then), next.at);
        const before = runs.filter((run) => run >= now && run < then);
        assert.deepEqual(before.filter(isTaken), []);
      }),
      { numRuns: 60 },
    );
  });

  it("spreads a fleet that was rotated on one day over its jitter", () => {
    const calendar = calendarOf(scheduleOf({}));
    const limit = at("2027-04-02T00:00:00Z");
    const days = new Map<string, number>();
    for (let i = 0; i < 700; i++) {
      const cause = { text: "stale", limit, jitterSeconds: jitterSeconds(`prod/service-${i}`, 14 * 86_400) };
      const date = nextRotation(cause, { calendar, now: begin, dueWithinSeconds })?.at.slice(0, 10) ?? "";
      days.set(date, (days.get(date) ?? 0) + 1);
    }
    assert.ok(days.size >= 14);
    for (const [date, count] of days) assert.ok(count < 90, `${count} on ${date}`);
  });

  const mondays = { windows: [{ cron: "0 2 * * MON", duration: "4h" }] };
  const yearEnd = { freezes: [{ from: "2026-12-18", to: "2027-01-03", reason: "year end" }] };
  const next = (declared: object, now: string, limit?: string, jitterDays = 0) => {
    const cause: Cause = {
      text: limit ? `stale from ${limit}` : "never rotated",
      limit: limit === undefined ? undefined : at(`${limit}T00:00:00Z`),
      jitterSeconds: jitterDays * 86_400,
    };
    return nextRotation(cause, { calendar: calendarOf(scheduleOf(declared)), now: at(now), dueWithinSeconds });
  };

  it("a secret whose limit falls between two runs is due at the first", () => {
    const { at: date, why } = next(mondays, "2026-12-01T12:00:00Z", "2026-12-11") ?? {};
    assert.deepEqual([date, why], ["2026-12-07T02:00:00.000Z", "stale from 2026-12-11"]);
  });

  it("one whose limit falls into a freeze is due at the last run before it, and says so", () => {
    const { at: date, why } = next({ ...mondays, ...yearEnd }, "2026-12-01T12:00:00Z", "2026-12-30", 2) ?? {};
    assert.equal(date, "2026-12-14T02:00:00.000Z");
    assert.equal(why, "stale from 2026-12-30; 2.0 d of jitter; before the freeze from 2026-12-18: year end");
  });

  it("one that is due in a freeze waits for its end, and says so", () => {
    const { at: date, why } = next(yearEnd, "2026-12-20T12:00:00Z", "2026-12-30") ?? {};
    assert.equal(date, "2027-01-04T00:00:00.000Z");
    assert.equal(why, "stale from 2026-12-30; frozen until 2027-01-04: year end; no run comes before its limit");
    assert.equal(next(yearEnd, "2026-12-20T12:00:00Z")?.at, "2027-01-04T00:00:00.000Z");
  });

  it("one that was never rotated is taken by the next run", () => {
    assert.equal(next(mondays, "2026-12-01T12:00:00Z")?.at, "2026-12-07T02:00:00.000Z");
    assert.equal(next({}, "2026-12-01T12:00:00Z")?.at, "2026-12-01T12:00:00.000Z");
  });
});
