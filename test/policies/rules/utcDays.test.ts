import assert from "node:assert/strict";
import * as fc from "fast-check";
import { daysBetween, inDays, parseInstant, startOfDay, utcDate, utcDay } from "../../../policies/rules/utcDays";
import { awkwardInstants, inZone, zones } from "./timeZones";

const anyInstant = fc.oneof(
  fc.date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("2200-12-31T00:00:00Z"), noInvalidDate: true }),
  fc
    .tuple(fc.constantFrom(...awkwardInstants), fc.integer({ min: -10_800_000, max: 10_800_000 }))
    .map(([at, offset]) => new Date(at.getTime() + offset)),
);
const anyZone = fc.constantFrom(...zones);
const anyOffset = fc.integer({ min: -14 * 60, max: 14 * 60 });

/** The same instant, written with an offset from UTC, as another machine would write it. */
function writtenAt(instant: Date, offsetMinutes: number): string {
  const local = new Date(instant.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const sign = offsetMinutes < 0 ? "-" : "+";
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  return `${local}${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** The Julian day number of a date of the calendar: a count of days that shares nothing with the code under test. */
function julianDay(date: string): number {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const a = Math.trunc((month - 14) / 12);
  const century = Math.trunc((year + 4900 + a) / 100);
  const years = Math.trunc((1461 * (year + 4800 + a)) / 4);
  return years + Math.trunc((367 * (month - 2 - 12 * a)) / 12) - Math.trunc((3 * century) / 4) + day - 32075;
}

describe("policies/rules/utcDays", () => {
  it("reads an instant however far from UTC it was written, in whatever zone it is read", () => {
    fc.assert(
      fc.property(anyInstant, anyOffset, anyZone, (instant, offset, zone) => {
        const text = writtenAt(instant, offset);
        assert.equal(
          inZone(zone, () => parseInstant(text)?.getTime()),
          instant.getTime(),
          text,
        );
        assert.equal(
          inZone(zone, () => parseInstant(instant.toISOString())?.getTime()),
          instant.getTime(),
        );
      }),
    );
  });

  it("reads a date alone as midnight in UTC, wherever it is read", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (instant, zone) => {
        const midnight = inZone(zone, () => parseInstant(utcDate(instant)));
        assert.equal(midnight?.toISOString(), `${utcDate(instant)}T00:00:00.000Z`);
      }),
    );
  });

  it("counts days as the calendar does: leap days once, daylight saving not at all", () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, anyZone, (from, to, zone) => {
        const counted = inZone(zone, () => daysBetween(from, to));
        assert.equal(counted, julianDay(utcDate(to)) - julianDay(utcDate(from)));
      }),
    );
  });

  it("adds up", () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, anyInstant, (a, b, c) => {
        assert.equal(daysBetween(a, b) + daysBetween(b, c), daysBetween(a, c));
        assert.equal(daysBetween(a, b), -daysBetween(b, a) + 0);
      }),
    );
  });

  it("finds the start of a day some days away", () => {
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: -4000, max: 4000 }), (instant, days) => {
        const start = startOfDay(instant, days);
        assert.equal(daysBetween(instant, start), days);
        assert.equal(utcDay(new Date(start.getTime() - 1)), utcDay(start) - 1, "a millisecond before is another day");
      }),
    );
  });

  it("accepts February 29th in leap years only", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1900, max: 2400 }), (year) => {
        const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
        assert.equal(parseInstant(`${year}-02-29T12:00:00Z`) !== undefined, isLeap);
      }),
    );
  });

  it("never takes a text for another day than it says", () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 2999 }), two(13), two(32), (year, month, day) => {
        const date = `${year}-${month}-${day}`;
        const read = parseInstant(`${date}T00:00:00Z`);
        assert.ok(read === undefined || utcDate(read) === date, date);
      }),
    );
  });

  for (const text of [
    "",
    " 2026-03-01",
    "2026-3-1",
    "2026-03-01T12:00:00",
    "2026-03-01T24:00:00Z",
    "2026-03-01T12:60:00Z",
    "2026-03-01T12:00:60Z",
    "2026-03-01T12:00:00+15:00",
    "2026-03-01 12:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-13-01",
    "2026-00-10",
    "20260301T120000Z",
    "Sun Mar 01 2026",
    "1772323200",
    "+002026-03-01T00:00:00Z",
    "never",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseInstant(text), undefined);
    });
  }

  it("accepts what is optional in an instant", () => {
    assert.equal(parseInstant("2026-03-01T12:00Z")?.toISOString(), "2026-03-01T12:00:00.000Z");
    assert.equal(parseInstant("2026-03-01T12:00:00.123456789Z")?.toISOString(), "2026-03-01T12:00:00.123Z");
    assert.equal(parseInstant("2026-03-01T00:30:00+05:30")?.toISOString(), "2026-02-28T19:00:00.000Z");
  });

  it("speaks of one day and of days", () => {
    assert.deepEqual([0, 1, 2].map(inDays), ["0 days", "1 day", "2 days"]);
  });
});
