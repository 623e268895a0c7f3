import assert from "node:assert/strict";
import { effectiveMaxAgeDays } from "../../../policies/rules/maxAge";

describe("the maximum age of a secret", () => {
  it("is what the declaration or its kind says", () => {
    assert.equal(effectiveMaxAgeDays({ maxAgeDays: 180 }, "prod"), 180);
  });

  it("is capped in development, even where the secret asks for more", () => {
    assert.equal(effectiveMaxAgeDays({ maxAgeDays: 300 }, "dev"), 60);
    assert.equal(effectiveMaxAgeDays({ maxAgeDays: 7 }, "dev"), 7);
  });
});
