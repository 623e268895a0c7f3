import assert from "node:assert/strict";
import { configValues, encrypted } from "../../../infra/config/values";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";

describe("the values of the configuration", () => {
  it("are parsed where they are JSON, and text where they only look like it", () => {
    const texts = { list: '["a"]', object: '{"a":1}', number: "7", open: "[a", brace: "{a" };
    assert.deepEqual(configValues(Object.entries(texts)), {
      list: ["a"],
      object: { a: 1 },
      number: "7",
      open: "[a",
      brace: "{a",
    });
  });

  it("that are encrypted are refused where they are read, and left alone elsewhere", () => {
    const values = { "aws:region": "eu-west-1", "secret-rotation:secrets": encrypted, "other:token": encrypted };
    assert.throws(() => readStackConfig("dev", values), {
      name: "ConfigurationError",
      message: /has 1 problem:\n {2}secrets: holds an encrypted value/,
    });
    assert.equal(readStackConfig("dev", { "aws:region": "eu-west-1", "other:token": encrypted }).region, "eu-west-1");
  });

  for (const name of ["dev", "organization/dev", "organization/secret-rotation/dev"]) {
    it(`belong to the stack dev, whether it is named ${name}`, () => {
      const { stack, named, environment } = readStackConfig(name, { "aws:region": "eu-west-1" });
      assert.deepEqual([stack, named, environment], ["dev", name, "dev"]);
    });
  }
});
