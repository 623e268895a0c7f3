import assert from "node:assert/strict";
import { effectiveMaxAgeDays } from "../../infra/kinds";

describe("the maximum age of a secret", () => {
  it("is its kind's, or its own", () => {
    assert.equal(effectiveMaxAgeDays("jwt", "prod"), 180);
    assert.equal(effectiveMaxAgeDays("jwt", "prod", 20), 20);
  });

  it("is capped in development, even where the secret asks for more", () => {
    assert.equal(effectiveMaxAgeDays("ssh-key", "dev"), 60);
    assert.equal(effectiveMaxAgeDays("app", "dev", 300), 60);
    assert.equal(effectiveMaxAgeDays("app", "dev", 7), 7);
  });
});
