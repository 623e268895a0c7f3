import assert from "node:assert/strict";
import type { Json, Pack, PolicyLevel } from "./analyzer";
import { awayFromMidnight, dateDaysAgo, daysAgo, managedSecret, ofPolicy, reporter } from "./resources";
import { drivenPack, run } from "./sharedPack";

const policy = "certificate-expiry";
const says = reporter(policy, "A certificate is renewed long before it ends.");
const cure = "Run: npm run rotate -- shop/tls --stack prod";

describe("policies/certificateExpiry", () => {
  let pack: Pack;
  before(async function () {
    await awayFromMidnight(this);
    pack = await drivenPack();
  });

  async function judged(tags: Record<string, string>, config: Json = {}) {
    await pack.configure({ [policy]: config });
    const certificate = managedSecret("prod/shop/tls", 5, { kind: "certificate", strategy: "renewal", ...tags });
    return ofPolicy(policy, await pack.analyze(certificate));
  }

  it("passes a certificate that ends in 60 days", async () => {
    assert.deepEqual(await judged({ "not-after": daysAgo(-60) }), []);
  });

  const cases: [number, PolicyLevel, number, string][] = [
    [59, "advisory", 60, "ends in 59 days"],
    [30, "advisory", 60, "ends in 30 days"],
    [29, "mandatory", 30, "ends in 29 days"],
    [1, "mandatory", 30, "ends in 1 day"],
    [-1, "mandatory", 30, "ended 1 day ago"],
    [-400, "mandatory", 30, "ended 400 days ago"],
  ];
  for (const [days, level, limit, text] of cases) {
    it(`is ${level} for one that ${text}`, async () => {
      assert.deepEqual(await judged({ "not-after": daysAgo(-days) }), [
        says(level, `prod/shop/tls ${text} (${dateDaysAgo(-days)}); its limit is ${limit} days before. ${cure}`),
      ]);
    });
  }

  it("goes by the share of the lifetime where the tag renew-from says when", async () => {
    const at = (from: number, end: number) => judged({ "renew-from": daysAgo(-from), "not-after": daysAgo(-end) });
    assert.deepEqual(await at(1, 16), [], "of 45 days, before the last third");
    const said = (level: PolicyLevel, from: number, end: number) =>
      says(
        level,
        `prod/shop/tls ends in ${end} days (${dateDaysAgo(-end)}); it is to be renewed from ${dateDaysAgo(-from)} on. ${cure}`,
      );
    assert.deepEqual(await at(-1, 14), [said("advisory", -1, 14)]);
    assert.deepEqual(await at(-8, 7), [said("mandatory", -8, 7)]);
    assert.deepEqual(await at(20, 50), [], "days count for nothing then");
  });

  it("tells one that ended today from one that ends today", async () => {
    const midnight = new Date(`${dateDaysAgo(0)}T00:00:00Z`).toISOString();
    const lastSecond = `${dateDaysAgo(0)}T23:59:59Z`;
    const [ended] = await judged({ "not-after": midnight });
    assert.match(ended?.message ?? "", /prod\/shop\/tls ended today \(/);
    const [ends] = await judged({ "not-after": lastSecond });
    assert.match(ends?.message ?? "", /prod\/shop\/tls ends today \(/);
  });

  it("reports a missing and a malformed date", async () => {
    assert.deepEqual(await judged({}), [
      says("mandatory", `prod/shop/tls is a certificate without the tag not-after, so its end is unknown. ${cure}`),
    ]);
    assert.deepEqual(await judged({ "not-after": "2026-13-01" }), [
      says("mandatory", `prod/shop/tls: its tag not-after is no ISO 8601 date, so its end is unknown. ${cure}`),
    ]);
  });

  it("takes its limits from the configuration", async () => {
    const config = { advisoryDays: 20, mandatoryDays: 10 };
    assert.deepEqual(await judged({ "not-after": daysAgo(-20) }, config), []);
    assert.deepEqual(
      (await judged({ "not-after": daysAgo(-19) }, config)).map(({ level }) => level),
      ["advisory"],
    );
    assert.deepEqual(
      (await judged({ "not-after": daysAgo(-9) }, config)).map(({ level }) => level),
      ["mandatory"],
    );
  });

  it("counts what this run renews as cured, and others as advice", async () => {
    assert.deepEqual(await judged({ "not-after": daysAgo(-2) }, { rotatingNow: { run, names: ["shop/tls"] } }), []);
    const [other] = await judged({ "not-after": daysAgo(-2) }, { rotatingNow: { run, names: ["shop/orders-db"] } });
    assert.equal(other?.level, "advisory");
  });

  it("says nothing of other kinds, and of certificates that are not issued yet", async () => {
    await pack.configure();
    assert.deepEqual(ofPolicy(policy, await pack.analyze(managedSecret("prod/shop/orders-db", 1))), []);
    const { props, ...rest } = managedSecret("prod/shop/tls", 0, { kind: "certificate", strategy: "renewal" });
    const { "rotated-at": _, ...tags } = props.tags as Record<string, string>;
    assert.deepEqual(ofPolicy(policy, await pack.analyze({ ...rest, props: { ...props, tags } })), []);
  });
});
