import assert from "node:assert/strict";
import { parseSecret } from "../../../infra/config/parseSecret";
import { builtIn } from "../../../rotation/rotators";
import { simpleOverlap } from "../../../rotation/rotators/jwt/simpleOverlap";
import { context } from "../context";

const jwt = () => context({ kind: "jwt" });
const keys = (value: string) => JSON.parse(value) as { current: string; previous: string };

describe("strategy simple with overlap", () => {
  it("keeps the key that signed until now as previous", async () => {
    const first = await simpleOverlap.create(jwt(), undefined);
    const second = await simpleOverlap.create(jwt(), first);
    assert.equal(keys(second).previous, keys(first).current);
    assert.notEqual(keys(second).current, keys(first).current);
    await simpleOverlap.test(jwt(), { pending: second, current: first, previous: undefined });
  });

  it("gives the first version one key for both, not an empty one", async () => {
    const { current, previous } = keys(await simpleOverlap.create(jwt(), undefined));
    assert.equal(current.length, 48);
    assert.equal(previous, current);
  });

  it("takes over from a bare key", async () => {
    assert.equal(keys(await simpleOverlap.create(jwt(), "bare".repeat(10))).previous, "bare".repeat(10));
    // A short one has signed too; an empty one would verify what nobody has signed.
    const after = await simpleOverlap.create(jwt(), "short");
    await simpleOverlap.test(jwt(), { pending: after, current: "short", previous: undefined });
    assert.equal(keys(after).previous, "short");
    const { current, previous } = keys(await simpleOverlap.create(jwt(), '{"current": ""}'));
    assert.equal(previous, current);
  });

  it("refuses a version that forgot the key before", async () => {
    const before = await simpleOverlap.create(jwt(), undefined);
    const forgetful = await simpleOverlap.create(jwt(), undefined);
    const values = { pending: forgetful, current: before, previous: undefined };
    await assert.rejects(simpleOverlap.test(jwt(), values), { code: "SECRET_MALFORMED" });
  });

  it("in an emergency forgets the key before, and refuses a version that has not", async () => {
    const before = await simpleOverlap.create(jwt(), undefined);
    const emergency = { ...jwt(), emergency: true };
    const after = await simpleOverlap.create(emergency, before);
    assert.equal(keys(after).previous, keys(after).current);
    assert.notEqual(keys(after).current, keys(before).current);
    await simpleOverlap.test(emergency, { pending: after, current: before, previous: undefined });
    const overlapping = await simpleOverlap.create(jwt(), before);
    await assert.rejects(
      simpleOverlap.test(emergency, { pending: overlapping, current: before, previous: undefined }),
      {
        code: "SECRET_MALFORMED",
      },
    );
  });

  it("refuses a version that signs with the same key", async () => {
    const before = await simpleOverlap.create(jwt(), undefined);
    await assert.rejects(simpleOverlap.test(jwt(), { pending: before, current: before, previous: undefined }), {
      code: "VALUE_UNCHANGED",
    });
  });

  it("keeps what else is in the JSON byte for byte", async () => {
    const before = `{ "kid" : 12345678901234567890, "current":"${"k".repeat(40)}",\n "opts": { "a":1.0 } }`;
    await simpleOverlap.check(jwt(), before);
    const after = await simpleOverlap.create(jwt(), before);
    const { current, previous } = keys(after);
    assert.equal(previous, "k".repeat(40));
    const rest = (text: string) => text.replace(/"(current|previous)" *:"\w*"/g, "");
    assert.equal(rest(after), rest(before).replace(/ }$/, ", }"));
    await simpleOverlap.test(jwt(), { pending: after, current: before, previous: undefined });
    const back = await simpleOverlap.rollBack(jwt(), before, after);
    assert.deepEqual(keys(back), { ...keys(after), current: previous, previous: current });
    assert.equal(rest(back), rest(after));
  });

  describe("so soon after the rotation before", () => {
    const [before, now] = [new Date("2026-01-01T00:00:00Z"), (hours: number) => new Date(Date.UTC(2026, 0, 1, hours))];
    const later = (hours: number, block: object | undefined, kind = "jwt", more: object = {}) =>
      context({ kind, ...more, ...(block && { [kind]: block }) }, { clock: { now: () => now(hours) } }, before);
    const value = JSON.stringify({ current: "c".repeat(48), previous: "p".repeat(48) });

    it("is refused within the declared lifetime of tokens, and says from when it is possible", async () => {
      const declared = { tokenLifetime: "8h" };
      await assert.rejects(simpleOverlap.check(later(7, declared), value), (error: Error & Record<string, unknown>) => {
        assert.deepEqual([error.code, error.retryable], ["GRACE_PERIOD", true]);
        assert.match(error.message, /valid until 2026-01-01T08:00:00.000Z/);
        return /rotate after 2026-01-01T08:00:00.000Z.*--emergency/.test(String(error.hint));
      });
      await simpleOverlap.check(later(8, declared), value);
      await simpleOverlap.check({ ...later(7, declared), emergency: true }, value);
      // There is nothing yet that was signed.
      await simpleOverlap.check(later(7, declared), undefined);
      await simpleOverlap.check({ ...later(7, declared), rotatedAt: undefined }, value);
    });

    it("is warned of for a day where no lifetime is declared", async () => {
      for (const [hours, warnings] of [
        [23, 1],
        [24, 0],
      ] as const) {
        const at = later(hours, undefined);
        await simpleOverlap.check(at, value);
        assert.equal(at.findings.warnings.length, warnings);
      }
      const at = later(1, undefined);
      await simpleOverlap.check(at, value);
      assert.match(at.findings.warnings.join(), /is refused after this rotation.*declare jwt\.tokenLifetime/);
    });

    it("kind app may keep the text before in the same way, where that is declared", async () => {
      const overlap = { strategy: "simple-overlap" };
      const session = later(7, { tokenLifetime: "14d" }, "app", overlap);
      await assert.rejects(simpleOverlap.check(session, value), { code: "GRACE_PERIOD" });
      const keys = { externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: ["shop"] } };
      const simple = { name: "session", kind: "app", app: { tokenLifetime: "14d" }, ...keys };
      assert.match(
        parseSecret(simple, { rotators: builtIn, consumerKinds: new Map() }, "secrets[0]").problems[0]?.message ?? "",
        /belongs to strategy simple-overlap/,
      );
    });
  });

  it("refuses a value that is neither a key nor a document with one", async () => {
    const malformed = [
      '{"signing_key":"hunter2","kid":"1"}',
      '["hunter2"]',
      '{"current":{"k":"hunter2"}}',
      '{"current":1}',
    ];
    const several = ["-----BEGIN\nhunter2\n-----END", '{"current":"hunter2","current":"hunter3"}'];
    for (const value of [...malformed, ...several]) {
      for (const emergency of [false, true]) {
        await assert.rejects(
          simpleOverlap.check({ ...jwt(), emergency }, value),
          (error: Error & { code?: string }) =>
            error.code === "SECRET_MALFORMED" && !/hunter|signing/.test(error.message),
        );
      }
    }
    const good = await simpleOverlap.create(jwt(), undefined);
    assert.equal(
      await simpleOverlap.rollBack(jwt(), good, malformed[0]),
      JSON.stringify({ current: keys(good).current, previous: keys(good).current }),
    );
  });
});
