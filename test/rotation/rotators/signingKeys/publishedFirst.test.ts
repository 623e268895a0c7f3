import assert from "node:assert/strict";
import { CompactSign, compactVerify, createLocalJWKSet, importJWK, importPKCS8, type JSONWebKeySet } from "jose";
import type { Phase } from "../../../../policies/rules/phases";
import type { Phasing, StrategyContext } from "../../../../rotation/rotators/protocol";
import { publishedFirst } from "../../../../rotation/rotators/signingKeys/publishedFirst";
import { context } from "../../context";

const at = (algorithm = "ES256"): StrategyContext =>
  context({
    kind: "signing-keys",
    "signing-keys": { algorithm, cacheTime: "1h", tokenLifetime: "12h" },
    externalSecret: {
      target: "signing",
      keys: ["kid", "alg", "privateKey", "privateJwk", "jwks"].map((property) => ({ key: property, property })),
    },
  });
const { advance, phaseIn } = publishedFirst.phasing as Phasing & Required<Pick<Phasing, "phaseIn">>;

interface Value {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: string;
  readonly privateJwk: string;
  readonly jwks: string;
  readonly next: string;
}
const read = (value: string) => JSON.parse(value) as Value;
const setIn = (value: string) => JSON.parse(read(value).jwks) as JSONWebKeySet;
const kidsIn = (value: string) => setIn(value).keys.map(({ kid }) => kid);

/** As a service that has this value signs. */
async function token(value: string, by: "pem" | "jwk" = "pem"): Promise<string> {
  const { kid, alg, privateKey, privateJwk } = read(value);
  const key = by === "pem" ? await importPKCS8(privateKey, alg) : await importJWK(JSON.parse(privateJwk), alg);
  return new CompactSign(new TextEncoder().encode("claims")).setProtectedHeader({ alg, kid }).sign(key);
}

/** As a verifier does that has read the set of this value. */
async function verifies(signed: string, value: string): Promise<boolean> {
  return compactVerify(signed, createLocalJWKSet(setIn(value))).then(
    () => true,
    () => false,
  );
}

/** The values of a rotation, phase by phase, each tested as the gates do; the first one is what was before. */
async function rotation(first: string, of = at()): Promise<[string, string, string, string]> {
  const prepared = await publishedFirst.create(of, first);
  const activated = (await advance.activate?.(of, prepared)) ?? "";
  const retired = (await advance.retire?.(of, activated)) ?? "";
  for (const [pending, current] of [
    [prepared, first],
    [activated, prepared],
    [retired, activated],
  ] as const) {
    await publishedFirst.test(of, { pending, current, previous: undefined });
  }
  return [first, prepared, activated, retired];
}

describe("signing keys, published first", () => {
  for (const algorithm of ["ES256", "EdDSA", "RS256"]) {
    it(`${algorithm}: no token is refused by a verifier, whichever of two neighbouring phases each has`, async () => {
      const of = at(algorithm);
      const first = await publishedFirst.create(of, undefined);
      await publishedFirst.test(of, { pending: first, current: undefined, previous: undefined });
      const phases = await rotation(first, of);
      const tokens = await Promise.all(phases.map((value) => token(value)));
      for (const [i, value] of phases.entries()) {
        assert.ok(await verifies(await token(value, "jwk"), value));
        // Replicas of two phases are there during a rollout, and so are cached sets.
        for (const j of [i - 1, i, i + 1]) {
          const [signed, name] = [tokens[j], `signed in phase ${j}, verified in ${i}`];
          if (signed !== undefined) assert.ok(await verifies(signed, value), name);
        }
      }
      // What was signed before the new key took over expires before the last phase: the machine waits for that.
      assert.ok(await verifies(tokens[0] ?? "", phases[2]));
      assert.ok(!(await verifies(tokens[0] ?? "", phases[3])));
      assert.equal(read(phases[3]).alg, algorithm);
    });
  }

  it("has one key in the set, two while it rotates, and says which phase it is in", async () => {
    const phases = await rotation(await publishedFirst.create(at(), undefined));
    assert.deepEqual(
      phases.map((value) => kidsIn(value).length),
      [1, 2, 2, 1],
    );
    const names: Phase[] = ["retire", "prepare", "activate", "retire"];
    assert.deepEqual(
      phases.map((value) => phaseIn(at(), value)),
      names,
    );
    const [first, prepared, activated, retired] = phases.map(read) as [Value, Value, Value, Value];
    assert.equal(prepared.kid, first.kid, "the next one does not sign yet");
    assert.notEqual(activated.kid, first.kid);
    assert.equal(retired.kid, activated.kid);
    assert.deepEqual([activated.next, retired.next], ["", ""]);
  });

  it("publishes nothing private", async () => {
    for (const algorithm of ["ES256", "EdDSA", "RS256"]) {
      const of = at(algorithm);
      const [, prepared] = await rotation(await publishedFirst.create(of, undefined), of);
      for (const key of setIn(prepared).keys) {
        assert.deepEqual(
          Object.keys(key).filter((name) => ["d", "p", "q", "dp", "dq", "qi", "k"].includes(name)),
          [],
        );
        assert.equal(key.use, "sig");
      }
      const leaking = JSON.stringify({
        ...read(prepared),
        jwks: JSON.stringify({ keys: [...setIn(prepared).keys, JSON.parse(read(prepared).next)] }),
      });
      await assert.rejects(publishedFirst.test(of, { pending: leaking, current: undefined, previous: undefined }), {
        code: "SECRET_MALFORMED",
        message: /the public set has a private key/,
      });
    }
  });

  it("refuses a value whose keys do not fit, or that forgets the key that signs now", async () => {
    const of = at();
    const [one, other] = [await publishedFirst.create(of, undefined), await publishedFirst.create(of, undefined)];
    const wrong = async (pending: string, current: string | undefined, message: RegExp, code = "SECRET_MALFORMED") =>
      assert.rejects(publishedFirst.test(of, { pending, current, previous: undefined }), { code, message });
    const mixed = (with_: Partial<Value>) => JSON.stringify({ ...read(one), ...with_ });
    await wrong(mixed({ privateKey: read(other).privateKey }), undefined, /key of privateKey signs does not verify/);
    const stolen = { ...JSON.parse(read(other).privateJwk), kid: read(one).kid };
    await wrong(mixed({ privateJwk: JSON.stringify(stolen) }), undefined, /key of privateJwk signs does not verify/);
    await wrong(mixed({ jwks: read(other).jwks }), undefined, /in which the key that signs is/);
    await wrong(other, one, /lacks the key that signs now/);
    await wrong(one, one, /has the keys of the current one/, "VALUE_UNCHANGED");
  });

  it("in an emergency leaves nothing older, whatever phase it finds, and says what breaks", async () => {
    const of = { ...at(), emergency: true };
    for (const current of await rotation(await publishedFirst.create(at(), undefined))) {
      const after = await publishedFirst.create(of, current);
      assert.equal(kidsIn(after).length, 1);
      assert.ok(!kidsIn(current).includes(read(after).kid));
      await publishedFirst.test(of, { pending: after, current, previous: undefined });
      assert.equal(phaseIn(of, after), "retire");
      const kept = (await advance.activate?.(at(), await publishedFirst.create(at(), current))) ?? "";
      await assert.rejects(publishedFirst.test(of, { pending: kept, current, previous: undefined }), {
        message: /has an older key/,
      });
    }
    assert.match((await publishedFirst.breaks(of)).join("; "), /every token signed so far.*3600 s/);
  });

  it("goes back to the key before as long as it is known, and keeps the tokens of both", async () => {
    const [first, prepared, activated, retired] = await rotation(await publishedFirst.create(at(), undefined));
    const back = await publishedFirst.rollBack(at(), prepared, activated);
    await publishedFirst.test(at(), { pending: back, current: activated, previous: undefined });
    assert.equal(read(back).kid, read(first).kid);
    for (const value of [prepared, activated]) assert.ok(await verifies(await token(value), back));
    assert.equal(phaseIn(at(), back), "activate", "the key that was tried leaves the set when its tokens have expired");
    const plain = await publishedFirst.rollBack(at(), first, prepared);
    assert.deepEqual(kidsIn(plain), kidsIn(first));
    await assert.rejects(publishedFirst.rollBack(at(), first, retired), {
      code: "RETIRED",
      message: /left the public set/,
    });
  });

  it("brings a backup's key back, and warns where verifiers do not know it", async () => {
    const [first, , activated, retired] = await rotation(await publishedFirst.create(at(), undefined));
    assert.equal(await publishedFirst.restore(at(), retired, activated), undefined, "it signs already");
    const known = at();
    assert.equal(read((await publishedFirst.restore(known, first, activated)) ?? "").kid, read(first).kid);
    assert.deepEqual(known.findings.warnings, []);
    const unknown = at();
    const restored = (await publishedFirst.restore(unknown, first, retired)) ?? "";
    assert.deepEqual(new Set(kidsIn(restored)), new Set([read(first).kid, read(retired).kid]));
    assert.match(unknown.findings.warnings.join(), /has not read the set again/);
    assert.equal(await publishedFirst.restore(at(), first, undefined), first);
  });

  it("keeps what else is in the JSON byte for byte, and a change of it made meanwhile", async () => {
    const first = await publishedFirst.create(at(), undefined);
    const before = first.replace(/^\{/, '{ "note" : 12345678901234567890,\n');
    const [, ...after] = await rotation(before);
    for (const value of after) assert.ok(value.startsWith('{ "note" : 12345678901234567890,\n'));
    const prepared = after[0] ?? "";
    const keeps = (current: string) =>
      publishedFirst.keeps?.(at(), { pending: prepared, current, previous: undefined });
    assert.equal(keeps(before), true);
    assert.equal(keeps(before.replace("12345678901234567890", "1")), false);
  });

  it("takes another algorithm for the next key alone", async () => {
    const first = await publishedFirst.create(at("RS256"), undefined);
    const [, prepared, activated] = await rotation(first, at("EdDSA"));
    assert.deepEqual([read(prepared).alg, read(activated).alg], ["RS256", "EdDSA"]);
    assert.deepEqual(
      setIn(activated).keys.map(({ alg }) => alg),
      ["EdDSA", "RS256"],
    );
  });

  it("refuses a value that is none of its own, and names nothing of it", async () => {
    for (const value of ["hunter2", '{"key":"hunter2"}', '{"privateJwk":"hunter2","jwks":"{}"}', "[]"]) {
      await assert.rejects(
        publishedFirst.check(at(), value),
        (error: Error & { code?: string }) => error.code === "SECRET_MALFORMED" && !error.message.includes("hunter"),
      );
    }
    const good = await publishedFirst.create(at(), undefined);
    await publishedFirst.check(at(), good);
    await publishedFirst.check(at(), undefined);
    await assert.rejects(publishedFirst.check(at(), good.replace(/^\{/, '{"kid":"other",')), { message: /twice/ });
  });

  it("wants to know how long sets are cached and tokens are valid", () => {
    assert.throws(() => context({ kind: "signing-keys" }), /signing-keys: is needed .*cacheTime, tokenLifetime/);
  });
});
