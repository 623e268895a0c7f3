import assert from "node:assert/strict";
import { median, spread } from "./statistics";

describe("statistics of a benchmark", () => {
  it("has the middle value, or the mean of the two in the middle", () => {
    assert.equal(median([10, 2, 3]), 3);
    assert.equal(median([10, 2, 3, 4]), 3.5);
    assert.throws(() => median([]), RangeError);
  });

  it("leaves the measured values in their order", () => {
    const values = [3, 1, 2];
    median(values);
    assert.deepEqual(values, [3, 1, 2]);
  });

  it("shows the median, the extremes and how many runs there were", () => {
    assert.equal(spread([1, 3, 2], "s", 1), "2.0 s (1.0 – 3.0, 3 runs)");
    assert.equal(spread([1.234], "s"), "1.23 s");
    assert.equal(spread([4, 5], "", 0), "5 (4 – 5, 2 runs)");
  });
});
