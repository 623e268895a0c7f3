import assert from "node:assert/strict";
import { credentialText, hasProperties } from "../../../../rotation/rotators/database/credential";
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

  it("keeps what is not the rotation's byte for byte", () => {
    const before = `{ "engine":"postgres", "port" : "5432", "host":"DB", "username":"a", "password":"old",
      "nothing": null, "big": 12345678901234567890, "opts": { "x":1.0 }, "a.b": "\\u0041", "dbname":"shop" }`;
    const to = {
      engine: "postgres",
      host: "db",
      port: 5432,
      dbname: "shop",
      username: "b",
      password: "new",
      masterarn: "arn",
    };
    const wanted = before.replace('"a"', '"b"').replace('"old"', '"new"').replace(/ }$/, ',"masterarn":"arn" }');
    assert.equal(credentialText(before, to), wanted);
    assert.equal(credentialText(undefined, to), JSON.stringify(to));
    hasProperties(asking("nothing", "big", "opts.x", "a.b", "masterarn", "port"), before);
  });

  it("refuses one that says a property twice", () => {
    const twice = `{"engine":"postgres","host":"h","username":"a","password":"one","password":"two"}`;
    assert.throws(() => hasProperties(asking("password"), twice), { code: "SECRET_MALFORMED", message: /twice/ });
  });
});
