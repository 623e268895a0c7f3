import assert from "node:assert/strict";
import { inspect } from "node:util";
import { expectedData, isSyncable, syncable } from "../../../rotation/rotators/common/expectedData";
import { context } from "../context";

describe("what External Secrets is to make of a value", () => {
  const keyed = (...keys: object[]) => context({ externalSecret: { target: "t", keys } });

  it("is the whole value, or a property of its JSON", () => {
    const value = '{ "user": "u", "port": 5432, "more": { "a":1 } }\n';
    const keys = ["user", "port", "more"].map((property) => ({ key: property.toUpperCase(), property }));
    assert.deepEqual(
      [...expectedData(keyed({ key: "ALL" }, ...keys), "sync", value)].map(([key, bytes]) => [key, bytes.toString()]),
      [
        ["ALL", value],
        ["USER", "u"],
        ["PORT", "5432"],
        ["MORE", '{ "a":1 }'],
      ],
    );
  });

  it("notes which properties are found", () => {
    const asking = keyed({ key: "A", property: "a" }, { key: "B", property: "b.0" });
    syncable(asking, "check", '{"a":null,"b":[""]}');
    assert.deepEqual(asking.findings.facts, ["External Secrets finds a, b.0 in the value"]);
  });

  for (const value of ["KqYsUvYJ7Q-hunter2", '"KqYsUvYJ7Q-hunter2"', '{"other":"KqYsUvYJ7Q"}', "null", "[]"]) {
    it(`refuses ${value} for a property, and tells nothing of it`, () => {
      assert.equal(isSyncable(keyed({ key: "X", property: "value" }), value), false);
      assert.throws(
        () => expectedData(keyed({ key: "X", property: "value" }), "sync", value),
        (error: Error & { code?: string }) => error.code === "SECRET_MALFORMED" && !/KqYs|hunter2/.test(inspect(error)),
      );
    });
  }
});
