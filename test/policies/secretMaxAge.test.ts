import assert from "node:assert/strict";
import type { Json, Pack } from "./analyzer";
import { awayFromMidnight, dateDaysAgo, daysAgo, managedSecret, ofPolicy, reporter } from "./resources";
import { drivenPack, run, sharedPack } from "./sharedPack";

const policy = "secret-max-age";
const says = reporter(policy, "A secret is rotated before it reaches the maximum age of its kind.");
const cure = "Run: npm run rotate -- shop/orders-db --stack prod";

describe("policies/secretMaxAge", () => {
  let pack: Pack;
  before(async function () {
    await awayFromMidnight(this);
    pack = await drivenPack();
  });

  async function judged(rotatedDaysAgo: number, tags: Record<string, string> = {}, config: Json = {}) {
    await pack.configure({ [policy]: config });
    return ofPolicy(policy, await pack.analyze(managedSecret("prod/shop/orders-db", rotatedDaysAgo, tags)));
  }

  it("passes a secret that is exactly at its limit", async () => {
    assert.deepEqual(await judged(90), []);
  });

  it("reports a secret that is a day over its limit, with its age, its limit and the cure", async () => {
    assert.deepEqual(await judged(91), [
      says(
        "mandatory",
        `prod/shop/orders-db is 91 days old (since ${dateDaysAgo(91)}); its limit is 90 days (no tag max-age-days). ${cure}`,
      ),
    ]);
  });

  it("gives a secret without the tag 90 days, of whatever kind", async () => {
    const tags = { kind: "acme-key", strategy: "" };
    assert.deepEqual(await judged(90, tags), []);
    const [found] = await judged(91, tags);
    assert.match(found?.message ?? "", /its limit is 90 days \(no tag max-age-days\)/);
  });

  it("caps every kind at 60 days in development, where it is advice", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    assert.deepEqual(
      ofPolicy(policy, await development.analyze(managedSecret("dev/shop/jwt", 60, { kind: "jwt" }))),
      [],
    );
    assert.deepEqual(ofPolicy(policy, await development.analyze(managedSecret("dev/shop/jwt", 61, { kind: "jwt" }))), [
      says(
        "advisory",
        `dev/shop/jwt is 61 days old (since ${dateDaysAgo(61)}); its limit is 60 days (environment dev). ` +
          "Run: npm run rotate -- shop/jwt --stack dev",
      ),
    ]);
  });

  it("takes the limit of one secret from its tag, longer or shorter than its kind's", async () => {
    assert.deepEqual(await judged(120, { "max-age-days": "120" }), []);
    assert.deepEqual(await judged(31, { "max-age-days": "30" }), [
      says(
        "mandatory",
        `prod/shop/orders-db is 31 days old (since ${dateDaysAgo(31)}); its limit is 30 days (tag max-age-days). ${cure}`,
      ),
    ]);
  });

  it("takes the limit of a kind from its configuration, which a tag may only tighten", async () => {
    const config = { maxAgeDays: { database: 45 } };
    const [byKind] = await judged(46, { "max-age-days": "90" }, config);
    assert.match(byKind?.message ?? "", /its limit is 45 days \(kind database\)/);
    const [byTag] = await judged(46, { "max-age-days": "30" }, config);
    assert.match(byTag?.message ?? "", /its limit is 30 days \(tag max-age-days\)/);
  });

  for (const name of ["shop/orders-db", "prod/shop/orders-db"]) {
    it(`takes the limit of one secret from its configuration, called ${name}`, async () => {
      const config = { secrets: { [name]: 10 } };
      assert.deepEqual(await judged(10, { "max-age-days": "90" }, config), []);
      assert.deepEqual(await judged(11, { "max-age-days": "90" }, config), [
        says(
          "mandatory",
          `prod/shop/orders-db is 11 days old (since ${dateDaysAgo(11)}); its limit is 10 days (pack configuration). ${cure}`,
        ),
      ]);
    });
  }

  it("reports a tag max-age-days that is no number of days", async () => {
    for (const wrong of ["", "0", "-5", "1.5", "ninety", "3651", "1e3"]) {
      assert.deepEqual(await judged(1, { "max-age-days": wrong }), [
        says(
          "mandatory",
          "prod/shop/orders-db: its tag max-age-days is no whole number from 1 to 3650, so it has no limit. Correct the tag",
        ),
      ]);
    }
  });

  it("reports a malformed date, and does not repeat it", async () => {
    for (const wrong of ["", "yesterday", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "hunter2"]) {
      assert.deepEqual(await judged(1, { "rotated-at": wrong }), [
        says(
          "mandatory",
          `prod/shop/orders-db: its tag rotated-at is no ISO 8601 date, so its age is unknown; its limit is 90 days (no tag max-age-days). ${cure}`,
        ),
      ]);
    }
  });

  it("reports a date in the future, but not what clocks may differ by", async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    assert.deepEqual(await judged(0, { "rotated-at": soon }), []);
    const ahead = daysAgo(-1);
    assert.deepEqual(await judged(0, { "rotated-at": ahead }), [
      says(
        "mandatory",
        `prod/shop/orders-db: its tag rotated-at lies in the future (${ahead}), so its age is unknown; its limit is 90 days (no tag max-age-days). ${cure}`,
      ),
    ]);
  });

  it("leaves a secret without a first rotation to secret-never-rotated", async () => {
    await pack.configure();
    const { props, ...rest } = managedSecret("prod/shop/orders-db", 400);
    const { "rotated-at": _, ...tags } = props.tags as Record<string, string>;
    assert.deepEqual(ofPolicy(policy, await pack.analyze({ ...rest, props: { ...props, tags } })), []);
  });

  it("counts an ssh-key that was never rotated from its creation, and names its runbook", async () => {
    await pack.configure();
    const tags = {
      "managed-by": "secret-rotation",
      environment: "prod",
      kind: "ssh-key",
      strategy: "manual",
      "max-age-days": "365",
      "created-at": daysAgo(366),
    };
    const key = { ...managedSecret("prod/ops/bastion", 1), props: { name: "prod/ops/bastion", tags } };
    assert.deepEqual(ofPolicy(policy, await pack.analyze(key)), [
      says(
        "mandatory",
        `prod/ops/bastion is 366 days old (since ${dateDaysAgo(366)}); its limit is 365 days (tag max-age-days). ` +
          "Rotate it by hand, by the runbook ssh-key-rotation, then run: npm run rotation -- record ops/bastion --stack prod --reason TEXT",
      ),
    ]);
  });

  it("does not look at a secret that nobody manages", async () => {
    await pack.configure();
    const foreign = {
      ...managedSecret("other/thing", 400),
      props: { name: "other/thing", tags: { "rotated-at": daysAgo(400) } },
    };
    assert.deepEqual(ofPolicy(policy, await pack.analyze(foreign)), []);
  });

  it("counts the age of what this run rotates as cured, and that of others as advice", async () => {
    const config = { rotatingNow: { run, names: ["shop/orders-db"] } };
    assert.deepEqual(await judged(400, {}, config), []);
    assert.deepEqual(await judged(400, { "rotated-at": "malformed" }, config), []);
    const other = await pack.analyze(managedSecret("prod/shop/reports-db", 91));
    assert.deepEqual(ofPolicy(policy, other), [
      says(
        "advisory",
        `prod/shop/reports-db is 91 days old (since ${dateDaysAgo(91)}); its limit is 90 days (no tag max-age-days). ` +
          "Run: npm run rotate -- shop/reports-db --stack prod",
      ),
    ]);
  });

  it("sees tags that the provider adds by default", async () => {
    await pack.configure();
    const { "rotated-at": rotatedAt, ...tags } = managedSecret("prod/shop/orders-db", 91).props.tags as Record<
      string,
      string
    >;
    const tagged = managedSecret("prod/shop/orders-db", 1);
    const props = { name: "prod/shop/orders-db", tags, tagsAll: { ...tags, "rotated-at": rotatedAt ?? "" } };
    assert.equal(ofPolicy(policy, await pack.analyze({ ...tagged, props })).length, 1);
  });
});
