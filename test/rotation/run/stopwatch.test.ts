import assert from "node:assert/strict";
import { silent } from "../../../rotation/observer";
import { Stopwatch } from "../../../rotation/run/stopwatch";

describe("the stopwatch of a run", () => {
  it("knows when each step first began, from the run's start, and how long it took in all", () => {
    let nowMs = 1000;
    const watch = new Stopwatch(silent, () => nowMs);
    const step = (step: "check" | "create", fromMs: number, toMs: number) => {
      nowMs = fromMs;
      watch.stepStarted("one", step);
      nowMs = toMs;
      watch.stepEnded("one", step);
    };
    step("create", 1500, 2000);
    step("check", 1000, 1250);
    // A second update of the run.
    step("create", 4000, 4250);
    assert.deepEqual(watch.starts("one"), { check: 0, create: 0.5 });
    assert.deepEqual(watch.seconds("one"), { check: 0.25, create: 0.75 });
    assert.deepEqual([watch.starts("other"), watch.seconds("other")], [{}, {}]);
  });
});
