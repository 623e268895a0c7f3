import assert from "node:assert/strict";
import { oneOf, registeredFor } from "../infra/registered";
import { type AlarmRule, type Change, changes, type Point } from "./evaluate";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const limitDays = 30;
/** CloudWatch looks back farther than N periods, and does not say how far: each alarm has to be right whatever it is. */
const looksBack = [0, 1, 2, 3, 5, 10];

describe("alarms: when those of a stack ring", function () {
  this.timeout(60_000);
  let failed: AlarmRule;
  let overdue: AlarmRule;
  const rule = async (what: string) =>
    oneOf(
      await registeredFor({ secrets: [{ name: "one", kind: "ssh-key", maxAgeDays: limitDays }], alarms: {} }),
      "MetricAlarm",
      `one/${what}`,
    ) as unknown as AlarmRule;
  const everyWay = (one: AlarmRule, points: readonly Point[], until: number, check: (found: Change[]) => void) => {
    for (const more of looksBack) check(changes(one, points, until, more));
  };
  const states = (found: readonly Change[]) => found.map(({ state }) => state);
  /** A daily check at two in the morning, late by some minutes each day. */
  const daily = (days: number, ageOn: (day: number) => number): Point[] =>
    Array.from({ length: days }, (_, i) => ({ at: i * day + 2 * hour + ((i * 37) % 90) * minute, value: ageOn(i) }));

  before(async () => {
    failed = await rule("failed");
    overdue = await rule("overdue");
  });

  describe("on a failed rotation", () => {
    it("not on a success", () => {
      everyWay(failed, [{ at: hour, value: 0 }], 2 * day, (found) => assert.deepEqual(states(found), ["OK"]));
    });

    it("on a failure at once, until a later success", () => {
      const points = [
        { at: hour, value: 0 },
        { at: day, value: 1 },
        { at: 2 * day + hour, value: 0 },
      ];
      everyWay(failed, points, 3 * day, (found) => {
        assert.deepEqual(states(found), ["OK", "ALARM", "OK"]);
        const [, rings, ends] = found;
        assert.ok((rings?.at ?? 0) - day <= 2 * minute);
        const late = (ends?.at ?? 0) - 2 * day - hour;
        assert.ok(late >= 0 && late <= 2 * minute, `ends ${late} s after the success`);
      });
    });

    it("no alarm ends, nor begins, because nothing runs", () => {
      everyWay(failed, [{ at: hour, value: 1 }], 10 * day, (found) => assert.deepEqual(states(found), ["ALARM"]));
      everyWay(failed, [], 10 * day, (found) => assert.deepEqual(found, []));
    });
  });

  describe("on what is overdue", () => {
    it("not while a daily check says ages within the limit", () => {
      everyWay(
        overdue,
        daily(12, (i) => i + limitDays - 11),
        12 * day,
        (found) => assert.deepEqual(states(found), ["OK"]),
      );
    });

    it("on an old secret, until it is rotated", () => {
      const points = daily(8, (i) => (i < 6 ? limitDays - 2 + i : 0));
      everyWay(overdue, points, 8 * day, (found) => {
        assert.deepEqual(states(found), ["OK", "ALARM", "OK"]);
        const [, rings, ends] = found;
        // On day 3 it is a day older than its limit.
        assert.ok((rings?.at ?? 0) <= 5 * day + 4 * hour, `rings after ${(rings?.at ?? 0) / day} days`);
        assert.ok((ends?.at ?? 0) - (points[6]?.at ?? 0) <= 2 * minute);
      });
    });

    it("on an old secret that a stack is made with, when its alarm is warm", () => {
      everyWay(
        overdue,
        daily(4, () => limitDays + 1),
        4 * day,
        (found) => {
          assert.deepEqual(found, [{ at: 2 * day, state: "ALARM" }]);
        },
      );
    });

    it("on a schedule that has died, when two daily checks are left out", () => {
      const points = daily(6, () => 1);
      const last = points.at(-1)?.at ?? 0;
      for (const more of looksBack) {
        const found = changes(overdue, points, 10 * day, more);
        assert.deepEqual(states(found), ["OK", "ALARM"]);
        const silent = (found[1]?.at ?? 0) - last;
        assert.ok(silent >= 50 * hour && silent <= (50 + more + 1) * hour, `rings after ${silent / hour} hours`);
      }
    });

    it("not because one daily check is left out", () => {
      const points = daily(8, () => 1).filter((_, i) => i !== 5);
      everyWay(overdue, points, 7.9 * day, (found) => assert.deepEqual(states(found), ["OK"]));
    });

    it("not in a stack that was just made, before its first rotation is due", () => {
      // A first rotation is due a day after the creation, which the second midnight after it ends.
      everyWay(overdue, [], 2 * day - minute, (found) => assert.deepEqual(found, []));
      everyWay(overdue, [{ at: 30 * hour, value: 0 }], 3 * day, (found) => assert.deepEqual(states(found), ["OK"]));
    });

    it("in a stack whose first rotation does not come", () => {
      everyWay(overdue, [], 4 * day, (found) => assert.deepEqual(found, [{ at: 2 * day, state: "ALARM" }]));
    });
  });
});
