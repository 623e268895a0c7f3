import assert from "node:assert/strict";
import { markIn, spansOf } from "./driver";

describe("the driver's progress", () => {
  it("is read from its lines", () => {
    assert.deepEqual(markIn("shop/orders-db: rollout", 7), { secret: "shop/orders-db", step: "rollout", atMs: 7 });
  });

  it("is no other line", () => {
    for (const line of ["failed: shop/orders-db: set: refused", "nothing is due", "shop/orders-db: reticulate"]) {
      assert.equal(markIn(line, 7), undefined, line);
    }
  });

  it("is timed by what the driver has measured", () => {
    const seconds = { create: 0.5, set: 0.25 };
    const secret = { secret: "one", strategy: "simple", outcome: "rotated", emergency: false, seconds } as const;
    const ids = { oldVersionId: undefined, newVersionId: undefined, warnings: [] };
    const report = {
      schemaVersion: 1,
      runId: "r",
      stack: "dev",
      startedAt: "",
      policySeconds: undefined,
      backup: undefined,
      seconds: 1,
    } as const;
    const marks = [markIn("one: create", 1000), markIn("one: set", 1600)].filter((mark) => mark !== undefined);
    assert.deepEqual(spansOf({ marks, report: { ...report, secrets: [{ ...secret, ...ids }] } }), [
      { secret: "one", step: "create", startMs: 1000, endMs: 1500 },
      { secret: "one", step: "set", startMs: 1600, endMs: 1850 },
    ]);
  });
});
