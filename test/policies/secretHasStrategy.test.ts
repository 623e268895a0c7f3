import assert from "node:assert/strict";
import type { Json, Pack } from "./analyzer";
import { managedSecret, ofPolicy, reporter, secret } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "secret-has-strategy";
const says = reporter(policy, "Every secret under an environment's prefix names its kind, or is rotated by AWS.");
const cure = "then run: npm run rotate -- shop/thing --stack prod";

describe("policies/secretHasStrategy", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
  });

  async function judged(name: string, tags: Record<string, string>, config: Json = {}) {
    await pack.configure({ [policy]: config });
    return ofPolicy(policy, await pack.analyze(secret(name, tags)));
  }

  it("passes whatever kind the tags name: which there are, a stack says", async () => {
    assert.deepEqual(await judged("prod/shop/thing", { kind: "acme-key", strategy: "two-live" }), []);
  });

  it("passes native rotation without a kind, and a kind without a strategy", async () => {
    assert.deepEqual(await judged("prod/shop/thing", { strategy: "native" }), []);
    assert.deepEqual(await judged("prod/shop/thing", { kind: "app" }), []);
    assert.deepEqual(ofPolicy(policy, await pack.analyze(managedSecret("prod/shop/orders-db", 1))), []);
  });

  it("reports a secret without a kind under an environment's prefix", async () => {
    assert.deepEqual(await judged("prod/shop/thing", {}), [
      says(
        "mandatory",
        "prod/shop/thing names no kind, so nothing rotates it: declare it in Pulumi.prod.yaml and run pulumi up, " +
          `or set its tag strategy to native where AWS rotates it; ${cure}`,
      ),
    ]);
  });

  it("looks at the prefixes of known environments, of the stack's own, and of those configured", async () => {
    assert.deepEqual(await judged("vendor/thing", {}), []);
    assert.deepEqual(await judged("production-copy/thing", {}), []);
    assert.equal((await judged("staging/thing", {})).length, 1);
    assert.equal((await judged("eu-1/thing", {}, { environments: ["eu-1"] })).length, 1);
    const canary = await sharedPack("canary");
    await canary.configure();
    const [found] = ofPolicy(policy, await canary.analyze(secret("canary/thing", {})));
    assert.equal(found?.level, "mandatory");
  });
});
