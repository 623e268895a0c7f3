import assert from "node:assert/strict";
import { simple } from "../../../rotation/rotators/app/simple";
import { context } from "../context";

describe("strategy simple", () => {
  it("makes a text of letters and digits of the declared length", async () => {
    const value = await simple.create(context({ length: 64 }), undefined);
    assert.match(value, /^[A-Za-z0-9]{64}$/);
    assert.notEqual(value, await simple.create(context({ length: 64 }), undefined));
  });

  it("uses every character about equally often", async () => {
    const counts = new Map<string, number>();
    for (const c of await simple.create(context({ length: 1024 }), undefined)) counts.set(c, (counts.get(c) ?? 0) + 1);
    // 1,024 draws of 62 characters: 16.5 each; a modulo bias would not show here, a dead part of the alphabet would.
    assert.ok(counts.size > 58, `${counts.size} different characters`);
  });

  it("refuses a value that is the current one", async () => {
    const values = { pending: "x".repeat(48), current: "x".repeat(48), previous: undefined };
    await assert.rejects(simple.test(context({}), values), {
      code: "VALUE_UNCHANGED",
      step: "test",
      secret: "shop/key",
    });
  });

  it("refuses a short value, without quoting it", async () => {
    const values = { pending: "hunter2", current: undefined, previous: undefined };
    await assert.rejects(simple.test(context({}), values), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return (error as { code?: string }).code === "SECRET_MALFORMED";
    });
  });

  describe("where the current value is more than one secret", () => {
    const refused = { code: "SECRET_MALFORMED", step: "check" };
    const values = [
      '{"stripe_key":"hunter2","webhook":{"id":7}}',
      ' [ "hunter2" ]\n',
      '{"stripe_key":"hunter2",}',
      '"{\\"stripe_key\\":\\"hunter2\\"}"',
      "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
      "A=hunter2\nB=1",
      "postgres://shop:hunter2@db/shop",
      "host=db password=hunter2",
    ];
    for (const value of values) {
      it(`refuses to replace ${JSON.stringify(value).slice(0, 24)}…, in an emergency too, and tells nothing of it`, async () => {
        for (const emergency of [false, true]) {
          const asked = { ...context({}), emergency };
          await assert.rejects(simple.check(asked, value), refused);
          await assert.rejects(simple.create(asked, value), ({ message }: Error) => !/hunter2|stripe/.test(message));
        }
      });
    }
    it("says how to renew a property of a document", async () => {
      await assert.rejects(simple.check(context({}), values[0]), { hint: /property: NAME/ });
    });
    it("takes one text for one secret, with a line's end, whatever is in it", async () => {
      for (const value of ["hunter2\n", "{SSHA}abc=", "a b", "12", "null", '"x"', "[", "dGVzdA==", ""]) {
        await simple.check(context({}), value);
      }
    });
    it("goes back to it, as short as it is", async () => {
      const pending = await simple.rollBack(context({}), '{"a":"b"}', "x".repeat(48));
      assert.equal(pending, '{"a":"b"}');
      await simple.test(context({}), { pending, current: "x".repeat(48), previous: undefined });
    });
  });

  describe("with a property of a document", () => {
    const keys = [{ key: "KEY", property: "session_key" }, { key: "ALL" }];
    const declared = (property = "session_key") => context({ property, externalSecret: { target: "t", keys } });
    const before = '{ "stripe_key" : "x",\n  "session_key": "old", "n": 12345678901234567890, "w": {"id":7.0 }}\n';

    it("renews that one, and leaves the rest byte for byte", async () => {
      await simple.check(declared(), before);
      const after = await simple.create(declared(), before);
      const key = (JSON.parse(after) as { session_key: string }).session_key;
      assert.match(key, /^[A-Za-z0-9]{48}$/);
      assert.equal(after, before.replace('"old"', `"${key}"`));
      await simple.test(declared(), { pending: after, current: before, previous: undefined });
    });

    it("renews one that is within another", async () => {
      const nested = context({ property: "auth.key" });
      const after = await simple.create(nested, '{"auth": { "key":null }}');
      assert.match(after, /^\{"auth": \{ "key":"[A-Za-z0-9]{48}" \}\}$/);
      assert.match(await simple.create(nested, undefined), /^\{"auth":\{"key":"[A-Za-z0-9]{48}"\}\}$/);
    });

    it("makes a document of its own for the first value, and refuses keys that this will not have", async () => {
      assert.match(await simple.create(declared(), undefined), /^\{"session_key":"[A-Za-z0-9]{48}"\}$/);
      await simple.check(declared(), undefined);
      const more = [...keys, { key: "STRIPE", property: "stripe_key" }];
      const asking = context({ property: "session_key", externalSecret: { target: "t", keys: more } });
      await assert.rejects(simple.check(asking, undefined), { code: "SECRET_MALFORMED", message: /name stripe_key,/ });
      await simple.check(asking, before);
    });

    it("adds it where a key asks for it, and takes it for a slip elsewhere", async () => {
      assert.match(
        await simple.create(declared(), '{"stripe_key":"x"}'),
        /^\{"stripe_key":"x","session_key":"\w{48}"\}$/,
      );
      await assert.rejects(simple.check(declared("sesion_key"), before), {
        code: "SECRET_MALFORMED",
        message: /no property sesion_key/,
      });
    });

    it("refuses what it cannot renew", async () => {
      const values = [
        "a text",
        '["session_key"]',
        '{"session_key":{"a":1}}',
        '{"session_key":"a\\nb"}',
        '{"a":1,"a":2,"session_key":"x"}',
      ];
      for (const value of values) await assert.rejects(simple.check(declared(), value), { code: "SECRET_MALFORMED" });
      const values2 = { pending: "frozen".repeat(10), current: before, previous: undefined };
      await assert.rejects(simple.test(declared(), values2), { code: "SECRET_MALFORMED" });
    });

    it("goes back with that one, and leaves what others have changed since", async () => {
      const rotated = before.replace('"old"', '"new"');
      assert.equal(await simple.rollBack(declared(), before, rotated), before);
      const asked = declared();
      const changed = rotated.replace('"x"', '"another"');
      assert.equal(await simple.rollBack(asked, before, changed), changed.replace('"new"', '"old"'));
      assert.match(asked.findings.warnings.join(), /only session_key goes back/);
      assert.equal(await simple.rollBack(declared(), before, "lost"), before);
    });

    it("brings a backup back as a whole", async () => {
      assert.equal(await simple.restore(declared(), before, before.replace('"x"', '"y"')), before);
      assert.equal(await simple.restore(declared(), before, before), undefined);
    });
  });
});
