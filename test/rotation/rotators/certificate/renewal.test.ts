import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { renewal } from "../../../../rotation/rotators/certificate/renewal";
import { type CertificateValue, certificateIn } from "../../../../rotation/rotators/certificate/value";
import { caContext as at } from "../../../certificates/caContext";
import { type TestCa, testCa } from "../../../certificates/testCa";

const day = 86_400_000;
async function issued(ca: TestCa, parameters: object = {}, current?: string): Promise<CertificateValue> {
  const found = certificateIn(await renewal.create(at(ca.secret, parameters), current));
  assert.ok(found);
  return found;
}

describe("strategy renewal, by an internal CA", () => {
  let ca: TestCa;
  before(async () => {
    ca = await testCa();
  });

  for (const [own, by] of [
    ["ecdsa-p256", "ec"],
    ["rsa-2048", "ec"],
    ["ecdsa-p256", "rsa"],
  ] as const) {
    it(`makes a certificate with a key ${own} by a CA of ${by}, that OpenSSL takes`, async () => {
      const signer = by === "ec" ? ca : await testCa({ key: by });
      const value = await renewal.create(at(signer.secret, { key: own, usages: ["server", "client"] }), undefined);
      await renewal.test(at(signer.secret, { key: own, usages: ["server", "client"] }), {
        pending: value,
        current: undefined,
        previous: undefined,
      });
      const found = certificateIn(value);
      assert.ok(found);
      const leaf = new X509Certificate(found.certificate);
      assert.equal(leaf.subject, "CN=web.shop.test");
      assert.equal(leaf.subjectAltName, "DNS:web.shop.test, DNS:*.shop.test, IP Address:10.1.2.3");
      assert.equal(leaf.serialNumber, found.serial);
      assert.ok(leaf.checkPrivateKey(createPrivateKey(found.privateKey)));
      assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
      const days = (new Date(found.notAfter).getTime() - Date.now()) / day;
      assert.ok(days > 89.9 && days <= 90, String(days));
      assert.equal(found.ca, signer.pem);
      assert.notEqual((await issued(signer)).serial, found.serial);
    });
  }

  it("shows the intermediates, and trusts the root", async () => {
    const below = await testCa({ name: "Intermediate", by: ca });
    const value = await issued(below);
    assert.equal(value.ca, ca.pem);
    assert.ok(value.certificate.endsWith(below.pem));
    await renewal.check(at(below.secret), undefined);
  });

  it("keeps what else is in the document", async () => {
    const value = await renewal.create(at(ca.secret), '{"note": "ours"}');
    assert.equal(JSON.parse(value).note, "ours");
  });

  it("is to be renewed when a third of the lifetime is left, or from renewBefore on", async () => {
    for (const [parameters, left] of [
      [{}, 30],
      [{ lifetime: "45d" }, 15],
      [{ renewBefore: "40d" }, 40],
      [{ lifetime: "61d", renewBefore: "60d" }, 30.5],
    ] as const) {
      const base = at(ca.secret, parameters);
      const value = await renewal.create(base, undefined);
      const [end, from] = [renewal.notAfter?.(base, value), await renewal.renewFrom?.(base, value)];
      const days = ((end?.getTime() ?? 0) - (from?.getTime() ?? 0)) / day;
      assert.ok(Math.abs(days - left) < 0.01, `${days} for ${JSON.stringify(parameters)}`);
    }
  });

  const refused: [string, (caSecret: TestCa) => Promise<string | undefined> | string | undefined, RegExp][] = [
    ["is not there", () => undefined, /the secret pki\/ca, which holds the CA, does not exist/],
    ["is no JSON", () => "hunter2", /is no JSON object with certificate and privateKey/],
    [
      "has no certificate",
      () => JSON.stringify({ certificate: "hunter2", privateKey: "hunter2" }),
      /has no certificate that can be read/,
    ],
    [
      "has no key",
      ({ pem }) => JSON.stringify({ certificate: pem, privateKey: "hunter2" }),
      /has no private key that can be read/,
    ],
    [
      "has another CA's key",
      async ({ pem }) => JSON.stringify({ ...JSON.parse((await testCa()).secret), certificate: pem }),
      /has a private key that is not its certificate's/,
    ],
    ["has expired", async () => (await testCa({ days: -1 })).secret, /the CA in the secret pki\/ca has expired/],
    ["may not sign", async () => (await testCa({ isCa: false })).secret, /may not sign: its certificate is no CA's/],
    [
      "has no root",
      async (root) => {
        const below = await testCa({ name: "I", by: root });
        return JSON.stringify({ ...JSON.parse(below.secret), certificate: below.pem });
      },
      /has no root above it, and no bundle/,
    ],
    [
      "has a bundle of another root",
      async () => (await testCa({ more: { bundle: (await testCa({ name: "Other" })).pem } })).secret,
      /what the CA signs would be refused: /,
    ],
    [
      "may sign for other names alone",
      async () => (await testCa({ onlyFor: "other.test" })).secret,
      /what the CA signs would be refused: [A-Z_]+/,
    ],
  ];
  for (const [what, secretOf, says] of refused) {
    it(`refuses, before anything is written, a CA that ${what}`, async () => {
      const caSecret = await secretOf(ca);
      await assert.rejects(renewal.check(at(caSecret), undefined), (error: Error & { code?: string }) => {
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /hunter2|BEGIN/);
        return error.code === "ROTATOR_FAILED";
      });
    });
  }

  it("a certificate ends with its CA, which is told before", async () => {
    const short = await testCa({ days: 20 });
    const here = at(short.secret);
    await renewal.check(here, undefined);
    assert.match(here.findings.warnings.join(), /the CA ends on .*, and the certificate with it/);
    assert.equal((await issued(short)).notAfter, short.certificate.notAfter.toISOString());
  });

  it("a new CA comes in three phases: trusted, used, alone", async () => {
    const [next, servers] = [await testCa({ name: "Next CA", key: "rsa" }), ["server", "client"]];
    const [old, now] = [at(ca.secret, { usages: servers }), at(next.secret, { usages: servers, rolloverWait: "2d" })];
    const first = await renewal.create(old, '{"note": "ours"}');
    const { phasing } = renewal;
    assert.ok(phasing?.advance.activate && phasing.advance.retire && phasing.beginsWith);
    assert.equal(await phasing.beginsWith(old, first), "retire", "nothing is to be prepared");
    assert.equal(await phasing.beginsWith(now, first), "prepare");
    assert.equal(phasing.waitSeconds(now, "prepare"), 2 * 86_400);
    assert.equal(phasing.waitSeconds(now, "activate"), 2 * 86_400);
    const prepared = await renewal.create(now, first);
    const activated = await phasing.advance.activate(now, prepared);
    const retired = await phasing.advance.retire(now, activated);
    assert.deepEqual(
      [first, prepared, activated, retired].map((value) => phasing.phaseIn?.(now, value)),
      ["retire", "prepare", "activate", "retire"],
    );
    const [one, two, three, four] = [first, prepared, activated, retired].map((value) => certificateIn(value));
    assert.deepEqual(
      [two?.serial === one?.serial, three?.serial === two?.serial, four?.serial === three?.serial],
      [true, false, true],
    );
    assert.deepEqual([one?.ca, two?.ca, three?.ca, four?.ca], [ca.pem, ca.pem + next.pem, ca.pem + next.pem, next.pem]);
    for (const [pending, current] of [
      [prepared, first],
      [activated, prepared],
      [retired, activated],
    ] as const) {
      await renewal.test(now, { pending, current, previous: undefined });
      assert.equal(JSON.parse(pending).note, "ours");
    }
    assert.equal(await phasing.beginsWith(now, retired), "retire", "it is through");
    const later = await renewal.create(now, retired);
    assert.equal(phasing.phaseIn?.(now, later), "retire");
    assert.equal(
      phasing.phaseIn?.(now, await renewal.create({ ...now, emergency: true }, first)),
      "retire",
      "an emergency waits for nothing",
    );
  });

  it("what is by the old CA stays good for keepFor, and no wait of a new CA is longer than the certificate in use lasts", () => {
    const waits = (parameters: object) =>
      (["prepare", "activate"] as const).map((done) => renewal.phasing?.waitSeconds(at(ca.secret, parameters), done));
    const [hour, days] = [3600, 86_400];
    assert.deepEqual(waits({}), [days, days]);
    assert.deepEqual(waits({ keepFor: "30d" }), [days, 30 * days]);
    assert.deepEqual(waits({ keepFor: "1h" }), [days, days]);
    assert.deepEqual(waits({ lifetime: "1d" }), [4 * hour, 4 * hour]);
  });

  it("going back to what is by a CA that nobody trusts any more says so; to what is trusted it says nothing", async () => {
    const [older, now] = [await issued(ca), await issued(await testCa({ name: "Next CA" }))];
    const warned = async (current: object) => {
      const here = at(ca.secret);
      await renewal.rollBack(here, JSON.stringify(older), JSON.stringify(current));
      return here.findings.warnings.join();
    };
    assert.match(
      await warned(now),
      /^those who have the bundle of now refuse the older certificate until .*: [A-Z_]+$/,
    );
    assert.equal(await warned({ ...now, ca: older.ca + now.ca }), "");
  });

  it("a CA that is changed once more meanwhile is prepared first", async () => {
    const [next, third] = [await testCa({ name: "Next CA" }), await testCa({ name: "Third CA" })];
    const prepared = await renewal.create(at(next.secret), await renewal.create(at(ca.secret), undefined));
    const again = await renewal.phasing?.advance.activate?.(at(third.secret), prepared);
    assert.equal(renewal.phasing?.phaseIn?.(at(third.secret), again ?? ""), "prepare");
    assert.equal(certificateIn(again)?.ca, ca.pem + next.pem + third.pem);
  });

  it("a new CA whose bundle has the old one's root too is prepared as well, and its bundle stays as its secret has it", async () => {
    const next = await testCa({ name: "Next CA" });
    const bundle = ca.pem + next.pem;
    const both = at(JSON.stringify({ ...JSON.parse(next.secret), bundle }));
    const { phasing } = renewal;
    const first = await renewal.create(at(ca.secret), undefined);
    assert.equal(await phasing?.beginsWith?.(both, first), "prepare");
    const prepared = await renewal.create(both, first);
    assert.equal(certificateIn(prepared)?.serial, certificateIn(first)?.serial);
    const activated = (await phasing?.advance.activate?.(both, prepared)) ?? "";
    assert.deepEqual([phasing?.phaseIn?.(both, activated), certificateIn(activated)?.ca], ["retire", bundle]);
    await renewal.test(both, { pending: activated, current: prepared, previous: undefined });
  });

  it("one whose bundle has the new CA already begins with its certificate, and keeps the old one in its bundle until it is retired", async () => {
    const [next, { phasing }] = [await testCa({ name: "Next CA" }), renewal];
    const now = at(next.secret);
    const prepared = await renewal.create(now, await renewal.create(at(ca.secret), undefined));
    const byHand = JSON.stringify({ ...JSON.parse(prepared), rollover: "" });
    assert.equal(await phasing?.beginsWith?.(now, byHand), "activate");
    const made = await renewal.create(now, byHand);
    assert.deepEqual([phasing?.phaseIn?.(now, made), certificateIn(made)?.ca], ["activate", ca.pem + next.pem]);
  });

  it("a new certificate that is for another name, expired, of another key or the current one comes through no gate", async () => {
    const test = async (change: object, parameters: object = {}, current?: string) => {
      const pending = JSON.stringify({ ...(await issued(ca)), ...change });
      return renewal.test(at(ca.secret, parameters), { pending, current, previous: undefined });
    };
    await test({});
    await assert.rejects(test({}, { names: ["pay.test"] }), /is not for pay\.test, but for DNS:web\.shop\.test, /);
    await assert.rejects(test({ privateKey: (await issued(ca)).privateKey }), /does not match its private key/);
    await assert.rejects(test({ ca: (await testCa()).pem }), /would be refused by those who trust its bundle: [A-Z_]+/);
    await assert.rejects(test({ serial: "00" }), /has another serial number than the value says/);
    const pending = JSON.stringify(await issued(ca));
    const here = at(ca.secret);
    await assert.rejects(renewal.test(here, { pending, current: pending, previous: undefined }), {
      code: "VALUE_UNCHANGED",
    });
    const later = { ...here, ports: { ...here.ports, clock: { now: () => new Date(Date.now() + 91 * day) } } };
    await assert.rejects(renewal.test(later, { pending, current: undefined, previous: undefined }), /has expired/);
    await assert.rejects(renewal.rollBack(later, pending, undefined), { code: "RETIRED" });
    assert.equal(
      await renewal.rollBack(here, pending, '{"note": "ours"}'),
      JSON.stringify({ note: "ours", ...JSON.parse(pending) }).replace('{"note":', '{"note": '),
    );
  });
});
