import assert from "node:assert/strict";
import * as infra from "../../../infra/kinds";
import { defaultLevel, isDevelopment } from "../../../policies/rules/environments";
import { kindNames, kinds, maxAgeDaysOfUnknownKind } from "../../../policies/rules/kinds";
import { developmentMaxAgeDays, limitOf } from "../../../policies/rules/maxAge";

// The pack is published alone and imports nothing from infra/: so the two tables are compared here.
describe("policies/rules/kinds", () => {
  it("are those that infra/ declares, with their strategies and maximum ages", () => {
    assert.deepEqual(kinds, infra.kinds);
    assert.equal(developmentMaxAgeDays, infra.developmentMaxAgeDays);
  });

  it("yield the maximum age that infra/ writes into the tag", () => {
    const run = { now: new Date(), stack: "s", environment: "prod" };
    for (const kind of kindNames) {
      for (const environment of ["prod", "dev", "development", "staging"]) {
        const days = infra.effectiveMaxAgeDays(kind, environment);
        const limit = limitOf({ name: "x", tags: { kind, environment } }, run, {});
        assert.deepEqual(limit.state === "known" && limit.days, days, `${kind} in ${environment}`);
        assert.equal(isDevelopment(environment), infra.isDevelopment(environment));
      }
    }
  });

  it("give a kind that is unknown the shortest maximum age", () => {
    assert.equal(maxAgeDaysOfUnknownKind, 90);
  });

  it("go with an environment's level", () => {
    assert.deepEqual(["dev", "development", "prod", "production", "staging", "", "devil"].map(defaultLevel), [
      "advisory",
      "advisory",
      "mandatory",
      "mandatory",
      "mandatory",
      "mandatory",
      "mandatory",
    ]);
  });
});
