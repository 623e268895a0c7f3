import assert from "node:assert/strict";
import { hasProperties } from "../../../../rotation/strategies/database/credential";
import { context } from "../../context";

describe("the JSON of a database secret", () => {
  const asking = (...properties: string[]) =>
    context({
      kind: "database",
      database: { dbname: "shop", roles: ["a", "b"], groupRole: "g", superuserSecret: "dev/superuser" },
      externalSecret: { target: "t", keys: properties.map((property) => ({ key: property, property })) },
    });
  const current = JSON.stringify({ engine: "postgres", host: "h", username: "a", password: "hunter2", replica: "r" });

  it("may have more than AWS's structure, and what it has may be asked for", () => {
    hasProperties(asking("host", "port", "dbname", "username", "password", "engine", "masterarn"), undefined);
    hasProperties(asking("username", "replica"), current);
  });

  it("refuses keys that it will not have, without quoting the value", () => {
    const says = { code: "SECRET_MALFORMED", step: "check", message: /name replica, which the secret's JSON does not/ };
    assert.throws(() => hasProperties(asking("username", "replica"), undefined), says);
    assert.throws(
      () => hasProperties(asking("usernam"), current),
      ({ message, hint = "" }: Error & { hint?: string }) =>
        /name usernam,/.test(message) &&
        /username, password, .*replica/.test(hint) &&
        !`${message}${hint}`.includes("hunter2"),
    );
  });
});
