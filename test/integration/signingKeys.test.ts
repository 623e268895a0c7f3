import assert from "node:assert/strict";
import { CompactSign, compactVerify, createLocalJWKSet, importPKCS8, type JSONWebKeySet } from "jose";
import { evaluateSecret } from "../../policies/rules";
import { realPorts } from "../../rotation/ports";
import type { SecretResult } from "../../rotation/result";
import { clockAfter, statusAfter } from "./later";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const stack = "signing-keys";
const _hour = 3600 * 1000;
const keys = ["kid", "alg", "privateKey", "jwks"].map((property) => ({ key: property, property }));
const declared = {
  name: "tokens",
  kind: "signing-keys",
  externalSecret: { target: "tokens", keys },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
  "signing-keys": { algorithm: "EdDSA", cacheTime: "1h", tokenLifetime: "12h" },
};

/** What a service has from its Kubernetes Secret. */
interface Held {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: string;
  readonly jwks: string;
}

async function signedWith({ kid, alg, privateKey }: Held): Promise<string> {
  const key = await importPKCS8(privateKey, alg);
  return new CompactSign(new TextEncoder().encode("claims")).setProtectedHeader({ alg, kid }).sign(key);
}

async function verifies(token: string, { jwks }: Held): Promise<boolean> {
  return compactVerify(token, createLocalJWKSet(JSON.parse(jwks) as JSONWebKeySet)).then(
    () => true,
    () => false,
  );
}

describe("signing keys through their phases", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  const manager = () => realPorts({ region }).secretsManager;
  const live = async () => {
    const found = await manager().describe(`${stack}/tokens`);
    assert.ok(found);
    return found;
  };
  const held = async () => (await cluster.secretData(stack, "tokens")) as unknown as Held;
  const rotate = async (hours = 0, more: { emergency?: boolean; rollback?: { to: undefined } } = {}) =>
    only(await project.rotate(["tokens"], { ports: { clock: clockAfter(hours) }, ...more }));
  const done = async (result: Promise<SecretResult>) => {
    const { outcome, error } = await result;
    assert.equal(error?.message, undefined);
    return outcome;
  };
  const phase = async () => (await live()).tags.phase;
  const status = (hours = 0) => statusAfter(project, hours);

  before(async () => {
    project = await createProject(stack);
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    project.declare([declared]);
    await project.up();
    assert.equal(await done(rotate()), "rotated");
    assert.equal(await phase(), "retire");
  });
  after(() => project.remove());

  it("a whole rotation refuses no token: each verifies by the set of its phase, and of the next", async () => {
    const first = await held();
    const rotatedAt = (await live()).tags["rotated-at"];
    const before = await signedWith(first);

    assert.equal(await done(rotate()), "prepared");
    const prepared = await held();
    assert.equal(prepared.kid, first.kid);
    assert.equal((await live()).tags["rotated-at"], rotatedAt, "what signs is as old as before");
    assert.ok(await verifies(before, prepared));

    // Inside the cache time nothing changes, and status says what comes when.
    const early = await live();
    assert.equal(await done(rotate()), "unchanged");
    assert.deepEqual(await live(), early);
    const waiting = await status();
    assert.deepEqual([waiting.state, waiting.phase?.next, waiting.phase?.isReady], ["ok", "activate", false]);
    assert.deepEqual(waiting.next, { at: early.tags["phase-until"], why: "consumers get the new credential" });
    assert.equal((await status(2)).state, "due");

    const justBefore = await signedWith(prepared);
    assert.equal(await done(rotate(2)), "rotated");
    const activated = await held();
    assert.notEqual(activated.kid, first.kid);
    const after = await signedWith(activated);
    for (const token of [before, justBefore, after]) assert.ok(await verifies(token, activated));
    assert.ok(await verifies(after, prepared), "by a verifier whose set is as old as may be");

    assert.equal(await done(rotate(3)), "unchanged");
    assert.equal((await status(3)).phase?.next, "retire");
    assert.equal(await done(rotate(24)), "retired");
    const retired = await held();
    assert.equal(retired.kid, activated.kid);
    assert.ok(await verifies(after, retired));
    assert.ok(!(await verifies(before, retired)), "whose tokens have expired");
    assert.equal(await phase(), "retire");
    assert.deepEqual(await project.up(), [], "nothing is left to do");
  });

  it("that nobody activates a key that is known is a policy's violation after a while", async () => {
    assert.equal(await done(rotate()), "prepared");
    const { tags } = await live();
    const violations = (days: number) =>
      evaluateSecret({ name: `${stack}/tokens`, tags }, { now: clockAfter(24 * days).now(), stack, environment: stack })
        .filter(({ policy }) => policy === "secret-retire-pending")
        .map(({ message }) => message);
    assert.deepEqual(violations(5), []);
    assert.match(violations(9).join(), /the credential that is known everywhere could be activated since/);
  });

  it("a phase that fails in its rollout is gone on with by the next run, with the same keys", async () => {
    const prepared = await held();
    const failed = only(
      await project.rotate(["tokens"], {
        ports: { clock: clockAfter(2) },
        observer: {
          stepStarted: (_, step) => {
            if (step === "verify") throw new Error("killed");
          },
          stepEnded: () => undefined,
        },
      }),
    );
    assert.equal(failed.outcome, "failed");
    const under = await held();
    assert.notEqual(under.kid, prepared.kid, "consumers sign with the new one already");
    assert.equal(await done(rotate(2)), "resumed");
    assert.equal((await held()).kid, under.kid);
    assert.equal(await phase(), "activate");
  });

  it("a rollback has the key before sign again, and refuses no token of either", async () => {
    const activated = await held();
    const token = await signedWith(activated);
    assert.equal(await done(rotate(2, { rollback: { to: undefined } })), "rolled back");
    const back = await held();
    assert.notEqual(back.kid, activated.kid);
    assert.ok(await verifies(token, back));
    assert.equal(await phase(), "activate", "the key that was tried leaves the set later");
    assert.equal(await done(rotate(3)), "unchanged");
  });

  it("an emergency goes through all phases at once", async () => {
    const before = await held();
    const token = await signedWith(before);
    assert.equal(await done(rotate(0, { emergency: true })), "rotated");
    const after = await held();
    assert.ok(!(await verifies(token, after)));
    assert.ok(await verifies(await signedWith(after), after));
    assert.equal(await phase(), "retire");
  });
});
