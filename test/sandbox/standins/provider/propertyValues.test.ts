import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  containsSecret,
  containsUnknown,
  fromStruct,
  isSecret,
  reveal,
  secret,
  toStruct,
  unknown,
  withSecretsOf,
} from "./propertyValues";

describe("property values", () => {
  it("survive the way to the engine and back", () => {
    const map = { a: null, b: [1, "x", { c: true }], d: secret({ e: "f" }) };
    assert.deepEqual(fromStruct(toStruct(map)), map);
  });

  it("are revealed at any depth", () => {
    assert.deepEqual(reveal({ a: secret([secret("b")]), c: 1 }), { a: ["b"], c: 1 });
    const output = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    assert.equal(reveal({ ...output }), unknown);
    assert.ok(containsUnknown({ a: [{ ...output }] }) && containsUnknown([unknown]) && !containsUnknown({ a: "b" }));
  });

  it("mark in outputs what is secret in inputs, and no more", () => {
    const inputs = { data: { key: secret("x"), open: "y" }, list: [secret("x"), "y"], whole: secret({ a: "b" }) };
    const outputs = { data: { key: "x", open: "y" }, list: ["x", "y"], whole: { a: "b" }, other: "z" };
    const marked = withSecretsOf(outputs, inputs);
    assert.deepEqual(marked, {
      data: { key: secret("x"), open: "y" },
      list: secret(["x", "y"]),
      whole: secret({ a: "b" }),
      other: "z",
    });
    assert.ok(isSecret(marked.list) && containsSecret(marked) && !containsSecret(marked.other));
  });
});
