import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { strategyOf } from "../../../../infra/config/rotator";
import { emergencyStage } from "../../../../infra/names";
import { tagsOfStamp } from "../../../../infra/stamp";
import { MemoryStore } from "../../../../rotation/contract/memoryStore";
import { prove } from "../../../../rotation/gates/prove";
import { Run } from "../../../../rotation/gates/run";
import { silent } from "../../../../rotation/observer";
import type { Found } from "../../../../rotation/plan/found";
import { planRollback } from "../../../../rotation/plan/planRollback";
import { planRotation } from "../../../../rotation/plan/planRotation";
import { http } from "../../../../rotation/ports/http";
import { versionWith } from "../../../../rotation/ports/secretsManager";
import { builtIn } from "../../../../rotation/rotators";
import type { RotationStrategy } from "../../../../rotation/rotators/protocol";
import { readValues } from "../../../../rotation/rotators/readValues";
import { stampOf } from "../../../../rotation/run/endings";
import { declaredIssuers } from "../../../issuer/declared";
import type { Fault } from "../../../issuer/faults";
import { issuer } from "../../../issuer/server";
import { context } from "../../context";
import { type Asked, account, admin, askAt, token, withToken } from "./account";

const own = "dev/shop/acme";
const hour = 3600_000;

interface Value {
  readonly id: string;
  readonly key: string;
  readonly idSecondary?: string;
  readonly keySecondary?: string;
  readonly gracePeriodEnd?: string;
  readonly note?: string;
}

describe("an API key of which two are valid in turn", function () {
  this.timeout(120_000);
  let server: Server;
  let url: string;
  let store: MemoryStore;
  let order: "secondary-first" | "immediate";
  /** Of whoever looks, after now. */
  let hours: number;
  let more: object;

  const ask = (...args: Asked) => askAt(url, ...args);
  const fault = (one: Fault) => ask("POST", "/faults", one);
  const idsThere = async () => {
    const { keys } = (await (await ask("GET", `/accounts/${account}/keys`)).json()) as { keys: { id: string }[] };
    return keys.map(({ id }) => id);
  };
  const use = (key: string) => ask("GET", `/accounts/${account}/use`, undefined, key);
  const now = () => new Date(Date.now() + hours * hour);
  const value = async (stage = "AWSCURRENT"): Promise<Value> => {
    const live = await store.describe(own);
    const id = live && versionWith(stage, live);
    return JSON.parse((id && (await store.value(own, id))) ?? "{}");
  };

  async function found(emergency: boolean): Promise<Found> {
    const live = await store.describe(own);
    assert.ok(live);
    const declared = {
      ...{ name: "shop/acme", kind: "api-key" },
      externalSecret: { target: "acme", keys: [{ key: "KEY", property: "key" }] },
      "api-key": { issuer: declaredIssuers(url, account, admin).http, order, gracePeriod: "2h", ...more },
    };
    const { "rotated-at": rotated } = live.tags;
    const rotatedAt = rotated ? new Date(rotated) : undefined;
    const at = context(declared, { http, secretsManager: store, clock: { now } }, rotatedAt);
    const strategy = strategyOf(builtIn, at.secret);
    assert.ok("steps" in strategy);
    return {
      context: { ...at, emergency },
      strategy: strategy.steps() as RotationStrategy,
      ...{ live, workloads: new Map() },
      recorded: { ...(await store.recorded()), told: () => false } as unknown as Found["recorded"],
    };
  }

  /** One run of the driver, with the store in the place of Pulumi, and nothing in Kubernetes. */
  async function run({ emergency = false, back = false, dies = false } = {}): Promise<{ did: string; says: string }> {
    const at = await found(emergency);
    const plan = back ? await planRollback(at, undefined) : await planRotation(at);
    const says = () => [...at.context.findings.facts, ...at.context.findings.warnings].join("; ");
    if (!plan) return { did: "nothing", says: says() };
    const made = await plan.newValue?.();
    if (dies) return { did: "died", says: "" };
    const stages = emergency ? [emergencyStage] : [];
    const versionId = plan.newVersionId ?? (await store.write(made ?? "", stages, plan.counter));
    const setAt = await prove(plan, versionId, silent);
    const { values } = await readValues(plan.context, versionId, "retire");
    if (emergency || plan.phase === "retire") await plan.strategy.retire(plan.context, values, setAt);
    const entry = new Run([plan]).entries.get("shop/acme");
    assert.ok(entry);
    entry.versionId = versionId;
    entry.phase = plan.strategy.phasing?.phaseIn?.(plan.context, values.pending);
    await store.settle(versionId);
    const none = { phase: "", "phase-until": "", "retire-pending": "" };
    await store.tag(own, { ...none, ...tagsOfStamp(stampOf(entry, "run", now())) });
    return { did: plan.mode, says: says() };
  }
  const did = async (...args: Parameters<typeof run>) => (await run(...args)).did;

  beforeEach(async () => {
    server = issuer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ask("PUT", `/accounts/${account}`, { token });
    store = new MemoryStore(own, new Map(), withToken);
    [order, hours, more] = ["secondary-first", 0, {}];
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("secondary-first: is known to all, takes over after the grace period, and the older one is deleted", async () => {
    assert.equal(await did(), "new");
    const first = await value();
    assert.deepEqual(first, { ...first, idSecondary: first.id, keySecondary: first.key });
    assert.equal(await did(), "prepare");
    const both = await value();
    assert.deepEqual([both.id, both.key], [first.id, first.key], "consumers go on with the older one");
    assert.notEqual(both.keySecondary, first.key);
    assert.deepEqual(await idsThere(), [first.id, both.idSecondary]);
    const end = new Date(both.gracePeriodEnd ?? 0);
    assert.equal(both.gracePeriodEnd, end.toISOString());
    assert.ok(Math.abs(end.getTime() - Date.now() - 2 * hour) < 60_000);
    hours = 1;
    const inside = await run();
    assert.deepEqual([inside.did, await value()], ["nothing", both]);
    assert.match(inside.says, /the next credential is known everywhere, and is used from \d{4}-.*Z on/);
    hours = 3;
    assert.equal(await did(), "new");
    const promoted = await value();
    const next = { id: both.idSecondary, key: both.keySecondary };
    assert.deepEqual(promoted, { ...next, idSecondary: next.id, keySecondary: next.key });
    assert.deepEqual(await idsThere(), [first.id, next.id], "whoever is late goes on");
    assert.equal(await did(), "retire");
    assert.deepEqual([await idsThere(), await value()], [[next.id], promoted]);
    assert.equal(await did(), "prepare", "and so on");
  });

  const usedLate = async () => {
    await did();
    await did();
    hours = 3;
    await did();
    const { key } = await value("AWSPREVIOUS");
    // These runs' clock is ahead of the issuer's.
    await store.tag(own, { "rotated-at": new Date(Date.now() - hour).toISOString() });
    await use(key);
  };

  it("one that is used after the next one took over is not deleted before a day without use, and that is told", async () => {
    await usedLate();
    const { did: what, says } = await run();
    assert.equal(what, "nothing");
    const told = /was used at (.*Z), after the new one took over: it is not retired before (.*Z), and later where/;
    const [, used = "", until = ""] = told.exec(says) ?? [];
    assert.equal(Date.parse(until) - Date.parse(used), 24 * hour);
    assert.equal((await idsThere()).length, 2);
    hours = 23;
    assert.equal(await did(), "nothing");
    hours = 25;
    assert.equal(await did(), "retire");
    assert.deepEqual(await idsThere(), [(await value()).id]);
  });

  it("how long a key has to be unused may be declared", async () => {
    more = { unusedFor: "48h" };
    await usedLate();
    hours = 47;
    assert.equal(await did(), "nothing");
    hours = 49;
    assert.equal(await did(), "retire");
  });

  it("immediate: takes over at once; the older one is deleted after the grace period", async () => {
    order = "immediate";
    assert.equal(await did(), "new");
    const first = await value();
    assert.deepEqual(Object.keys(first), ["id", "key"]);
    assert.equal(await did(), "new");
    const { id } = await value();
    assert.deepEqual(await idsThere(), [first.id, id]);
    assert.match((await run()).says, /the older credential stays valid until/);
    hours = 3;
    assert.equal(await did(), "retire");
    assert.deepEqual(await idsThere(), [id]);
    assert.equal(await did(), "new");
  });

  for (const isFirst of [true, false]) {
    it(`an emergency ${isFirst ? "while the next one is known" : "at an issuer that is full"} leaves the new one alone`, async () => {
      order = isFirst ? "secondary-first" : "immediate";
      await did();
      await did();
      assert.equal((await idsThere()).length, 2);
      const before = await value();
      assert.equal(await did({ emergency: true }), "new");
      const after = await value();
      assert.ok(![before.id, before.idSecondary].includes(after.id));
      assert.deepEqual(await idsThere(), [after.id]);
      assert.equal(await did(), isFirst ? "prepare" : "new");
    });
  }

  it("an emergency whose issuer makes none takes nothing from whoever uses what there is", async () => {
    order = "immediate";
    await did();
    await fault({ operation: "create", fault: 500 });
    await fault({ operation: "delete", fault: 500 });
    const ids = await idsThere();
    await assert.rejects(run({ emergency: true }), /answers 500: create a key/);
    assert.deepEqual(await idsThere(), ids);
  });

  for (const which of ["secondary-first", "immediate"] as const) {
    it(`${which}: one that was made and lost is deleted by the next run`, async () => {
      order = which;
      await did();
      const [kept] = await idsThere();
      assert.equal(await did({ dies: true }), "died");
      const lost = (await idsThere()).find((id) => id !== kept);
      await did();
      const there = await idsThere();
      assert.ok(lost && kept && !there.includes(lost) && there.includes(kept) && there.length === 2);
    });
  }

  it("one that is accepted only seconds later is waited for", async () => {
    await did();
    await fault({ operation: "create", fault: "late", seconds: 2, times: 1 });
    assert.equal(await did(), "prepare");
  });

  it("a rollback while the next one is known takes that one out of use", async () => {
    await did();
    const first = await value();
    await did();
    assert.equal(await did({ back: true }), "rollback");
    assert.deepEqual(await value(), first);
    hours = 3;
    assert.equal(await did(), "retire");
    assert.deepEqual(await idsThere(), [first.id]);
  });

  it("what others have in the document stays, and a change of it is no rotation", async () => {
    await did();
    const edited = JSON.stringify({ note: "ours", ...(await value()) });
    await store.moveCurrent(own, {
      from: versionWith("AWSCURRENT", (await store.describe(own)) ?? assert.fail()),
      to: await store.write(edited, [], 9),
    });
    await store.settle((await store.recorded()).version?.id ?? "");
    assert.equal(await did(), "prepare");
    hours = 3;
    assert.equal(await did(), "new");
    assert.equal((await value()).note, "ours");
    assert.equal(await did(), "retire");
  });
});
