import assert from "node:assert/strict";
import fc from "fast-check";
import { jitterSeconds } from "../../../rotation/schedule/jitter";

describe("the jitter of a secret", () => {
  it("is the same in every run, and within its span", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 90 * 86_400 }), (name, span) => {
        const jitter = jitterSeconds(name, span);
        assert.ok(Number.isInteger(jitter) && jitter >= 0 && jitter < span);
        assert.equal(jitterSeconds(name, span), jitter);
      }),
    );
  });

  it("is none without a span", () => assert.equal(jitterSeconds("prod/one", 0), 0));

  it("spreads a fleet over all of its days alike", () => {
    const days = new Map<number, number>();
    for (let i = 0; i < 1400; i++) {
      const day = Math.floor(jitterSeconds(`prod/shop/service-${i}`, 14 * 86_400) / 86_400);
      days.set(day, (days.get(day) ?? 0) + 1);
    }
    // 100 a day on average; five standard deviations.
    for (const count of days.values()) assert.ok(count > 50 && count < 150, `${count} on one day`);
    assert.equal(days.size, 14);
  });
});
