import assert from "node:assert/strict";
import { types as declared } from "../../../infra/names";
import { isExternalSecretsType } from "../../../policies/pack/types";

describe("policies: an ExternalSecret", () => {
  it("is what the program declares as one, and no other resource of it", () => {
    const found = Object.values(declared).filter((type) => isExternalSecretsType(type, "ExternalSecret"));
    assert.deepEqual(found, [declared.externalSecret]);
  });
});
