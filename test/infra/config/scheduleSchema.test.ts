import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const parsed = (schedule: unknown) =>
  readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:schedule": schedule }).schedule;

const problems = (schedule: unknown) => problemsOf(() => parsed(schedule));
const windowOf = (cron: string) => ({ windows: [{ cron, duration: "4h" }] });
const freeze = (from: string, to: string) => ({ freezes: [{ from, to, reason: "busy" }] });

describe("the configuration of a schedule", () => {
  it("may be left out, and has defaults", () => {
    assert.equal(parsed(undefined), undefined);
    assert.deepEqual(parsed({}), { timeZone: "UTC", windows: [], freezes: [], jitter: 14 * 86_400 });
  });

  it("says all that is wrong, each with its path", () => {
    const wrong = {
      timeZone: "Mars/Olympus",
      windows: [
        { cron: "0 2 * *", duration: "4h" },
        { cron: "0 0 2 * * MON", duration: "1s" },
      ],
      freezes: [{ from: "2026-02-30", to: "Friday", reason: " " }],
    };
    const found = problems(wrong);
    assert.match(found[0] ?? "", /^schedule\.timeZone: must be a time zone of IANA/);
    assert.match(found[1] ?? "", /^schedule\.windows\[0\]\.cron: "0 2 \* \*" is no cron expression of five fields/);
    assert.match(found[2] ?? "", /^schedule\.windows\[1\]\.cron: "0 0 2 \* \* MON" is no cron expression of five/);
    assert.deepEqual(found.slice(3), [
      "schedule.windows[1].duration: must be from 5m to 31d, is 1s",
      'schedule.freezes[0].from: must be a day or a local time in quotes: "2026-12-18" or "2026-12-18T22:00"',
      'schedule.freezes[0].to: must be a day or a local time in quotes: "2026-12-18" or "2026-12-18T22:00"',
      "schedule.freezes[0].reason: must say why nothing may change",
    ]);
  });

  it("refuses a window that never opens, and a freeze that ends before it begins", () => {
    assert.match(problems(windowOf("0 2 30 2 *"))[0] ?? "", /"0 2 30 2 \*" never comes/);
    assert.deepEqual(problems(freeze("2026-12-18", "2026-12-17")), [
      "schedule.freezes[0].to: must be after from, 2026-12-18",
    ]);
    assert.deepEqual(problems(freeze("2026-12-18", "2026-12-18")), []);
  });
});
