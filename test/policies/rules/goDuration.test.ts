import assert from "node:assert/strict";
import * as fc from "fast-check";
import { goDuration } from "../../../infra/config/duration";
import { goDurationSeconds } from "../../../policies/rules/goDuration";

describe("policies/rules/goDuration", () => {
  it("reads what infra/ writes", () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        assert.equal(goDurationSeconds(goDuration(seconds)), seconds);
      }),
    );
  });

  const read: [string, number | undefined][] = [
    ["0", 0],
    ["5m", 300],
    ["1.5h", 5400],
    ["-1m", -60],
    ["+30s", 30],
    ["100ms", 0.1],
    ["1h30m10s", 5410],
    ["", undefined],
    ["5", undefined],
    ["5 m", undefined],
    ["5min", undefined],
    ["m5", undefined],
    ["1d", undefined],
  ];
  for (const [text, seconds] of read) {
    it(`reads ${JSON.stringify(text)} as ${seconds}`, () => {
      assert.equal(goDurationSeconds(text), seconds);
    });
  }
});
