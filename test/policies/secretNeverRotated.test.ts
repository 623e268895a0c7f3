import assert from "node:assert/strict";
import type { Json, Pack } from "./analyzer";
import { awayFromMidnight, dateDaysAgo, daysAgo, managedSecret, ofPolicy, reporter, secret } from "./resources";
import { drivenPack, run, sharedPack } from "./sharedPack";

const policy = "secret-never-rotated";
const says = reporter(policy, "A new secret is rotated for the first time soon after it was created.");
const due = "a first rotation is due 1 day after its creation";
const cure = "Run: npm run rotate -- shop/session-key --stack prod";
const tags = { "managed-by": "secret-rotation", environment: "prod", kind: "app", strategy: "simple" };

describe("policies/secretNeverRotated", () => {
  let pack: Pack;
  before(async function () {
    await awayFromMidnight(this);
    pack = await drivenPack();
  });

  async function judged(more: Record<string, string>, config: Json = {}) {
    await pack.configure({ [policy]: config });
    return ofPolicy(policy, await pack.analyze(secret("prod/shop/session-key", { ...tags, ...more })));
  }

  it("passes a secret that was created a day ago", async () => {
    assert.deepEqual(await judged({ "created-at": daysAgo(1) }), []);
  });

  it("reports a secret that was created two days ago and never rotated", async () => {
    assert.deepEqual(await judged({ "created-at": daysAgo(2) }), [
      says(
        "mandatory",
        `prod/shop/session-key is 2 days old (since ${dateDaysAgo(2)}) and was never rotated; ${due}. ${cure}`,
      ),
    ]);
  });

  it("passes a secret that had its first rotation, however long ago", async () => {
    assert.deepEqual(await judged({ "created-at": daysAgo(900), "rotated-at": daysAgo(800) }), []);
  });

  it("waits as many days as it is configured to", async () => {
    assert.deepEqual(await judged({ "created-at": daysAgo(5) }, { afterDays: 5 }), []);
    const [found] = await judged({ "created-at": daysAgo(6) }, { afterDays: 5 });
    assert.match(found?.message ?? "", /a first rotation is due 5 days after its creation/);
    assert.deepEqual(await judged({ "created-at": daysAgo(0) }, { afterDays: 0 }), []);
    assert.equal((await judged({ "created-at": daysAgo(1) }, { afterDays: 0 })).length, 1);
  });

  it("reports a missing, a malformed and a future date of creation", async () => {
    assert.deepEqual(await judged({}), [
      says(
        "mandatory",
        `prod/shop/session-key has neither of the tags rotated-at and created-at, so its age is unknown; ${due}. ${cure}`,
      ),
    ]);
    assert.deepEqual(await judged({ "created-at": "last week" }), [
      says(
        "mandatory",
        `prod/shop/session-key was never rotated, and its tag created-at is no ISO 8601 date; ${due}. ${cure}`,
      ),
    ]);
    const ahead = daysAgo(-2);
    assert.deepEqual(await judged({ "created-at": ahead }), [
      says(
        "mandatory",
        `prod/shop/session-key was never rotated, and its tag created-at lies in the future (${ahead}); ${due}. ${cure}`,
      ),
    ]);
  });

  it("does not wait for a first rotation by AWS or by people", async () => {
    assert.deepEqual(await judged({ strategy: "native", "created-at": daysAgo(9) }), []);
    assert.deepEqual(await judged({ kind: "ssh-key", strategy: "manual", "created-at": daysAgo(9) }), []);
  });

  it("does not stop the first rotation itself, nor that of another secret", async () => {
    assert.deepEqual(
      await judged({ "created-at": daysAgo(9) }, { rotatingNow: { run, names: ["shop/session-key"] } }),
      [],
    );
    const [other] = await judged({ "created-at": daysAgo(9) }, { rotatingNow: { run, names: ["shop/orders-db"] } });
    assert.equal(other?.level, "advisory");
  });

  it("is advice in development", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    const found = await development.analyze(
      secret("dev/shop/session-key", { ...tags, environment: "dev", "created-at": daysAgo(2) }),
    );
    assert.deepEqual(
      ofPolicy(policy, found).map(({ level }) => level),
      ["advisory"],
    );
    assert.deepEqual(ofPolicy(policy, await development.analyze(managedSecret("dev/shop/orders-db", 1))), []);
  });
});
