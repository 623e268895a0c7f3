import assert from "node:assert/strict";
import { goDuration, parseDuration } from "../../../infra/config/duration";

describe("durations", () => {
  it("are read in seconds", () => {
    assert.deepEqual(["90s", "5m", "1h", "7d"].map(parseDuration), [90, 300, 3600, 604_800]);
    assert.deepEqual(["", "5", "5 m", "-5m", "1h30m"].map(parseDuration), [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("are written as Go writes them", () => {
    assert.deepEqual([300, 3600, 45, 5400].map(goDuration), ["5m0s", "1h0m0s", "45s", "1h30m0s"]);
  });
});
