import assert from "node:assert/strict";
import { inspect } from "node:util";
import { expectedData } from "../../../rotation/gates/synced";
import { context } from "../context";

describe("what External Secrets is to make of a value", () => {
  const keyed = (...keys: object[]) => context({ externalSecret: { target: "t", keys } });

  it("is the whole value, or a property of its JSON", () => {
    const value = JSON.stringify({ user: "u", port: 5432, more: { a: 1 } });
    const keys = ["user", "port", "more"].map((property) => ({ key: property.toUpperCase(), property }));
    assert.deepEqual(
      [...expectedData(keyed({ key: "ALL" }, ...keys), value)],
      [
        ["ALL", value],
        ["USER", "u"],
        ["PORT", "5432"],
        ["MORE", '{"a":1}'],
      ],
    );
  });

  for (const value of ["KqYsUvYJ7Q-hunter2", '"KqYsUvYJ7Q-hunter2"', '{"other":"KqYsUvYJ7Q"}', "null"]) {
    it(`refuses ${value} for a property, and tells nothing of it`, () => {
      assert.throws(
        () => expectedData(keyed({ key: "X", property: "value" }), value),
        (error: Error & { code?: string }) => error.code === "SECRET_MALFORMED" && !/KqYs|hunter2/.test(inspect(error)),
      );
    });
  }
});
