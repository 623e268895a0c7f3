import assert from "node:assert/strict";
import { tagsOfStamp } from "../../../infra/stamp";
import { Asked } from "../../../rotation/plan/asked";
import type { Found } from "../../../rotation/plan/found";
import { planRotation } from "../../../rotation/plan/planRotation";
import type { StackRun } from "../../../rotation/plan/together";
import type { SecretsManager } from "../../../rotation/ports/secretsManager";
import { tls } from "../../../rotation/ports/tls";
import { renewal } from "../../../rotation/rotators/certificate/renewal";
import { certificateIn } from "../../../rotation/rotators/certificate/value";
import { stampOf } from "../../../rotation/run/endings";
import { testCa } from "../../certificates/testCa";
import { context } from "../context";

const ca = "pki/ca";
const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${ca}-AbCdEf`;

interface Kept {
  readonly versions: string[];
  tags: Record<string, string>;
}

/** A stack of two certificates by one CA; what a run writes goes through all gates at once. */
function stackOf(caSecret: string) {
  const secrets: Record<string, Kept> = {};
  // Handshakes go by the real time: the run's is behind it.
  const at = { ca: caSecret, now: Date.now() - 10 * 86_400_000 };
  const keptAt = (name: string) => secrets[name.replace("dev/", "")];
  const secretsManager = {
    describe: async (name: string) => {
      const stages: Record<string, string[]> = {};
      const kept = keptAt(name);
      const last = kept?.versions.length ?? 0;
      if (last > 0) stages[`v${last}`] = ["AWSCURRENT"];
      if (last > 1) stages[`v${last - 1}`] = ["AWSPREVIOUS"];
      if (name === ca || name === arn) stages.v1 = ["AWSCURRENT"];
      return { arn: name, createdAt: undefined, deletedAt: undefined, tags: kept?.tags ?? {}, stages };
    },
    value: async (name: string, id: string) =>
      name === ca || name === arn ? at.ca : keptAt(name)?.versions[Number(id.slice(1)) - 1],
    createdAt: async () => new Date(at.now),
  } as unknown as SecretsManager;
  const contextOf = (name: string, of: string) => {
    secrets[name] ??= { versions: [], tags: {} };
    const certificate = { names: ["web.test"], ca: { secret: of } };
    const clock = { now: () => new Date(at.now) };
    return context({ name, kind: "certificate", certificate }, { secretsManager, tls, clock });
  };
  const contexts = new Map([
    ["shop/a", contextOf("shop/a", ca)],
    ["shop/b", contextOf("shop/b", arn)],
  ]);
  const config = { environment: "dev", secrets: [...contexts.values()].map(({ secret }) => secret) };
  return {
    at,
    secrets,
    /** @returns the phase that is done then, or what it waits for */
    async run(name: string, settles = true) {
      const [own, kept] = [contexts.get(name), secrets[name]];
      assert.ok(own && kept);
      const id = `v${kept.versions.length}`;
      const version = kept.versions.length > 0 ? { counter: kept.versions.length, id } : undefined;
      const found = {
        context: own,
        strategy: renewal,
        live: await secretsManager.describe(own.fullName),
        recorded: { version, stampedVersion: kept.tags["rotated-version"], told: () => true },
        workloads: new Map(),
      } as unknown as Found;
      const plan = await planRotation(found, { config, asked: new Asked() } as unknown as StackRun);
      if (!plan) return own.findings.warnings.at(-1) ?? "it waits for nobody else";
      const value = (await plan.newValue?.()) ?? kept.versions.at(-1) ?? "";
      if (plan.newValue) {
        const values = { pending: value, current: kept.versions.at(-1), previous: undefined };
        await renewal.test(own, values);
        kept.versions.push(value);
      }
      const versionId = `v${kept.versions.length}`;
      const phase = renewal.phasing?.phaseIn?.(own, value);
      if (settles) kept.tags = tagsOfStamp(stampOf({ plan, versionId, phase } as never, "run", new Date(at.now)));
      return phase;
    },
    bundleOf: (name: string) => certificateIn(secrets[name]?.versions.at(-1))?.ca,
    later: () => (at.now += 86_400_000),
  };
}

describe("secrets that go through their phases together", () => {
  it("none has a certificate by a new CA before the bundles of all trust it, nor drops the old one before all are by the new", async () => {
    const [old, next] = [await testCa({ name: "Old" }), await testCa({ name: "Next" })];
    const stack = stackOf(old.secret);
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "retire");
    stack.at.ca = next.secret;
    assert.equal(await stack.run("shop/a"), "prepare");
    stack.later();
    assert.equal(
      await stack.run("shop/a"),
      "activate waits for the other secrets by pki/ca: shop/b has not been through prepare. Run: npm run rotate -- shop/b",
    );
    assert.equal(await stack.run("shop/b", false), "prepare");
    assert.match(await said(stack.run("shop/a")), /shop\/b has a version that no run has brought to all consumers/);
    assert.equal(await stack.run("shop/b"), "prepare", "it is gone on with");
    assert.match(await said(stack.run("shop/a")), /: shop\/b waits itself until 2\d{3}-\S+Z$/);
    stack.later();
    assert.equal(await stack.run("shop/a"), "activate");
    stack.later();
    assert.match(await said(stack.run("shop/a")), /^retire waits .*: shop\/b has not been through activate\./);
    assert.equal(await stack.run("shop/b"), "activate");
    stack.later();
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "retire");
    assert.deepEqual([stack.bundleOf("shop/a"), stack.bundleOf("shop/b")], [next.pem, next.pem]);
  });

  it("one whose CA is changed once more begins anew, wherever each of them is, and all come to the end", async () => {
    const [old, next, third] = await Promise.all(["Old", "Next", "Third"].map((name) => testCa({ name })));
    assert.ok(old && next && third);
    const stack = stackOf(old.secret);
    for (const name of ["shop/a", "shop/b"]) await stack.run(name);
    stack.at.ca = next.secret;
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "prepare");
    stack.later();
    assert.equal(await stack.run("shop/a"), "activate");
    stack.at.ca = third.secret;
    stack.later();
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "prepare", name);
    assert.equal(stack.bundleOf("shop/b"), old.pem + next.pem + third.pem);
    stack.later();
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "activate", name);
    stack.later();
    for (const name of ["shop/a", "shop/b"]) assert.equal(await stack.run(name), "retire", name);
    assert.deepEqual([stack.bundleOf("shop/a"), stack.bundleOf("shop/b")], [third.pem, third.pem]);
  });

  it("one that has no value yet holds up nobody", async () => {
    const stack = stackOf((await testCa({ name: "Old" })).secret);
    await stack.run("shop/a");
    stack.at.ca = (await testCa({ name: "Next" })).secret;
    assert.equal(await stack.run("shop/a"), "prepare");
    stack.later();
    assert.equal(await stack.run("shop/a"), "activate");
  });
});

async function said(text: Promise<string | undefined>): Promise<string> {
  return (await text) ?? "";
}
