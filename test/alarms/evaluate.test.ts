import assert from "node:assert/strict";
import { type AlarmRule, changes, type Period, stateAfter } from "./evaluate";

const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;
const keep = "keep";

/** The documentation's tables: five periods are looked at. `0` is within the threshold, `X` is not, `-` is missing. */
const tables = {
  "3 of 3": [
    ["0 - X - X", "OK", "OK", "OK", "OK"],
    ["0 - - - -", "OK", "OK", "OK", "OK"],
    ["- - - - -", "INSUFFICIENT_DATA", keep, "ALARM", "OK"],
    ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["- - - - X", "INSUFFICIENT_DATA", keep, "ALARM", "OK"],
    ["X - - - -", "ALARM", keep, "ALARM", "OK"],
  ],
  "2 of 3": [
    ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 - X - -", "OK", "OK", "ALARM", "OK"],
    ["- - - - 0", "OK", "OK", "ALARM", "OK"],
    ["- - - - X", "INSUFFICIENT_DATA", keep, "ALARM", "OK"],
  ],
} as const;

const rule: AlarmRule = {
  metricName: "Any",
  statistic: "Maximum",
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
  period: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: "missing",
};

describe("alarms: the evaluation that CloudWatch documents", () => {
  for (const [which, rows] of Object.entries(tables)) {
    it(`has the documentation's states, ${which}`, () => {
      for (const [text, ...expected] of rows) {
        const range = text.split(" ").map((sign): Period => (sign === "-" ? undefined : sign === "X"));
        treatments.forEach((treatMissingData, i) => {
          for (const now of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const) {
            const state = stateAfter({ ...rule, datapointsToAlarm: Number(which[0]), treatMissingData }, range, now);
            assert.equal(state, expected[i] === keep ? now : expected[i], `${text}, ${treatMissingData}, from ${now}`);
          }
        });
      }
    });
  }

  it("lets an alarm rest while it warms up, unless data fills its window", () => {
    const warming: AlarmRule = {
      ...rule,
      treatMissingData: "breaching",
      warmUpConfiguration: { warmUpPeriodDurationInMinutes: 30 },
    };
    assert.deepEqual(changes({ ...rule, treatMissingData: "breaching" }, [], 3600, 2), [{ at: 60, state: "ALARM" }]);
    assert.deepEqual(changes(warming, [], 3600, 2), [{ at: 1800, state: "ALARM" }]);
    const points = [1, 2, 3].map((minute) => ({ at: minute * 60, value: 0 }));
    assert.deepEqual(changes(warming, points, 300, 2), [{ at: 180, state: "OK" }]);
  });
});
