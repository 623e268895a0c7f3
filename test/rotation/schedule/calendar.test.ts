import assert from "node:assert/strict";
import { calendarOf } from "../../../rotation/schedule/calendar";
import { whyClosed } from "../../../rotation/schedule/whyClosed";
import { at, scheduleOf } from "./schedules";

const mondays = { cron: "0 2 * * MON", duration: "4h" };
const yearEnd = { from: "2026-12-18", to: "2027-01-03", reason: "year end" };
const calendar = (declared: object) => calendarOf(scheduleOf(declared));
const inWindow = (declared: object, text: string) => calendar(declared).inWindow(at(text));

describe("the calendar of a schedule", () => {
  it("without windows is always open, without a schedule too", () => {
    assert.equal(inWindow({}, "2026-12-01T12:00:00Z"), true);
    assert.equal(whyClosed(calendarOf(undefined), at("2026-12-01T12:00:00Z")), undefined);
  });

  it("a window is open from its first second on, and closed in its last moment", () => {
    const open = (text: string) => inWindow({ windows: [mondays] }, text);
    assert.deepEqual(
      ["2026-11-30T01:59:59Z", "2026-11-30T02:00:00Z", "2026-11-30T05:59:59Z", "2026-11-30T06:00:00Z"].map(open),
      [false, true, true, false],
    );
  });

  it("a window follows the clock of its time zone through the change to summer time", () => {
    const open = (text: string) => inWindow({ timeZone: "Europe/Berlin", windows: [mondays] }, text);
    // The clocks go forward on 2027-03-28.
    assert.deepEqual([open("2027-03-22T01:00:00Z"), open("2027-03-22T00:59:59Z")], [true, false]);
    assert.deepEqual([open("2027-03-29T00:00:00Z"), open("2027-03-28T23:59:59Z")], [true, false]);
  });

  it("a freeze has the whole of its last day, in its time zone", () => {
    const { freezeAt } = calendar({ timeZone: "Europe/Berlin", freezes: [yearEnd] });
    assert.equal(freezeAt(at("2026-12-17T22:59:59Z")), undefined);
    assert.equal(freezeAt(at("2026-12-17T23:00:00Z"))?.reason, "year end");
    assert.equal(freezeAt(at("2027-01-03T22:59:59Z"))?.reason, "year end");
    assert.equal(freezeAt(at("2027-01-03T23:00:00Z")), undefined);
  });

  it("a freeze may end at a time; a day that YAML took for a date is that day", () => {
    const hours = { from: "2026-12-18 00:00:00 +0000 UTC", to: "2026-12-18T22:00", reason: "launch" };
    const [freeze] = calendar({ timeZone: "Europe/Berlin", freezes: [hours] }).freezes;
    assert.deepEqual([freeze?.from, freeze?.to], [at("2026-12-17T23:00:00Z"), at("2026-12-18T21:00:00Z")]);
  });

  it("the next run and the last one skip what is frozen, over freezes that follow one another", () => {
    const more = { from: "2027-01-04", to: "2027-01-04", reason: "audit" };
    const { nextRun, lastRun, freezes } = calendar({ windows: [mondays], freezes: [more, yearEnd] });
    assert.deepEqual(nextRun(at("2026-12-14T02:00:00Z")), at("2027-01-11T02:00:00Z"));
    assert.deepEqual(lastRun(at("2027-01-11T02:00:00Z")), at("2026-12-14T02:00:00Z"));
    assert.deepEqual(
      freezes.map(({ reason }) => reason),
      ["year end; audit"],
    );
  });

  it("says why a scheduled run rotates nothing, and when one does again", () => {
    const closed = (text: string) => whyClosed(calendar({ windows: [mondays], freezes: [yearEnd] }), at(text));
    assert.equal(
      closed("2026-12-01T12:00:00Z"),
      "no window is open; the next window opens at 2026-12-07T02:00:00.000Z",
    );
    assert.equal(
      closed("2026-12-21T03:00:00Z"),
      "a freeze until 2027-01-04T00:00:00.000Z (year end); the next window opens at 2027-01-04T02:00:00.000Z",
    );
    assert.equal(closed("2026-12-07T02:30:00Z"), undefined);
  });
});
