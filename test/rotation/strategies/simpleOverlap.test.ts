import assert from "node:assert/strict";
import { simpleOverlap } from "../../../rotation/strategies/simpleOverlap";
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
