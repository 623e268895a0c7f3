import assert from "node:assert/strict";
import * as fc from "fast-check";
import { clockSkewSeconds, isOlderThan, secretAge } from "../../../policies/rules/secretAge";
import { startOfDay } from "../../../policies/rules/utcDays";
import { awkwardInstants, inZone, zones } from "./timeZones";

const msPerDay = 86_400_000;
const now = fc
  .tuple(fc.constantFrom(...awkwardInstants.filter((at) => at.getTime() > 0)), fc.integer({ min: 0, max: msPerDay }))
  .map(([at, offset]) => new Date(at.getTime() + offset));
const limits = fc.integer({ min: 1, max: 400 });
const timeOfDay = fc.integer({ min: 0, max: msPerDay - 1 });
const known = (date: Date, at: Date) => {
  const age = secretAge(date.toISOString(), at);
  assert.equal(age.state, "known");
  return age.state === "known" ? age.ageDays : Number.NaN;
};

describe("policies/rules/secretAge", () => {
  it("passes exactly at the limit and fails a day later, at every hour and in every zone", () => {
    fc.assert(
      fc.property(now, limits, timeOfDay, fc.constantFrom(...zones), (rotatedAt, limit, time, zone) => {
        inZone(zone, () => {
          const lastDay = new Date(startOfDay(rotatedAt, limit).getTime() + time);
          assert.equal(known(rotatedAt, lastDay), limit);
          assert.equal(isOlderThan(known(rotatedAt, lastDay), limit), false);
          const nextDay = new Date(lastDay.getTime() + msPerDay);
          assert.equal(isOlderThan(known(rotatedAt, nextDay), limit), true);
        });
      }),
    );
  });

  it("calls nothing older than its limit before so many times 24 hours have gone by", () => {
    fc.assert(
      fc.property(now, limits, fc.integer({ min: 0, max: 500 * msPerDay }), (rotatedAt, limit, elapsed) => {
        const at = new Date(rotatedAt.getTime() + elapsed);
        if (isOlderThan(known(rotatedAt, at), limit)) assert.ok(elapsed > limit * msPerDay);
        else assert.ok(elapsed < (limit + 1) * msPerDay);
      }),
    );
  });

  it("never makes a secret younger as time goes by", () => {
    fc.assert(
      fc.property(now, fc.nat(400 * msPerDay), fc.nat(400 * msPerDay), (rotatedAt, sooner, later) => {
        const first = known(rotatedAt, new Date(rotatedAt.getTime() + sooner));
        assert.ok(known(rotatedAt, new Date(rotatedAt.getTime() + sooner + later)) >= first);
      }),
    );
  });

  it("forgives what clocks may differ by, and no more", () => {
    fc.assert(
      fc.property(now, fc.integer({ min: -clockSkewSeconds, max: 3 * clockSkewSeconds }), (at, ahead) => {
        const date = new Date(at.getTime() + ahead * 1000);
        const age = secretAge(date.toISOString(), at);
        if (ahead > clockSkewSeconds) assert.deepEqual(age, { state: "future", at: date });
        else if (ahead >= 0) assert.deepEqual(age, { state: "known", at: date, ageDays: 0 });
        else assert.equal(age.state, "known");
      }),
    );
  });

  it("has a result for every text", () => {
    fc.assert(
      fc.property(fc.string(), now, (text, at) => {
        assert.ok(["known", "future", "malformed"].includes(secretAge(text, at).state));
      }),
    );
    assert.deepEqual(secretAge(undefined, new Date()), { state: "missing" });
    assert.deepEqual(secretAge(new Date(Number.NaN), new Date()), { state: "malformed" });
  });
});
