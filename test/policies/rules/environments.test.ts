import assert from "node:assert/strict";
import { defaultLevel } from "../../../policies/rules/environments";

describe("policies/rules/environments", () => {
  it("hold every environment but development to the strict rules", () => {
    const names = ["dev", "development", "prod", "production", "staging", "", "devil"];
    assert.deepEqual(
      names.filter((name) => defaultLevel(name) === "advisory"),
      ["dev", "development"],
    );
    assert.equal(defaultLevel("devil"), "mandatory");
  });
});
