import assert from "node:assert/strict";
import { type Json, type Pack, unknownText } from "./analyzer";
import { managedSecret, ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "secret-encryption-and-recovery";
const says = reporter(
  policy,
  "In production a secret is encrypted by a customer-managed KMS key, and recoverable after a deletion.",
);

describe("policies/secretEncryptionAndRecovery", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
  });

  async function judged(props: Json, config: Json = {}) {
    await pack.configure({ [policy]: config });
    const { props: managed, ...rest } = managedSecret("prod/shop/orders-db", 1);
    const { kmsKeyId: _, recoveryWindowInDays: __, ...bare } = managed;
    return ofPolicy(policy, await pack.analyze({ ...rest, props: { ...bare, ...props } }));
  }
  const key = "arn:aws:kms:eu-west-1:123456789012:key/7c1b3a1e-0000-4000-8000-000000000000";

  it("passes a key of one's own and a window of 7 days, or AWS's default of 30", async () => {
    assert.deepEqual(await judged({ kmsKeyId: key, recoveryWindowInDays: 7 }), []);
    assert.deepEqual(await judged({ kmsKeyId: key }), []);
  });

  it("passes a key that this very update creates", async () => {
    assert.deepEqual(await judged({ kmsKeyId: unknownText }), []);
  });

  it("reports a secret without a key", async () => {
    const expected = [
      says(
        "mandatory",
        "prod/shop/orders-db is encrypted by the key that AWS manages. Set kmsKeyId to a customer-managed key",
      ),
    ];
    assert.deepEqual(await judged({}), expected);
    assert.deepEqual(await judged({ kmsKeyId: "" }), expected);
  });

  for (const alias of ["alias/aws/secretsmanager", "arn:aws:kms:eu-west-1:123456789012:alias/aws/secretsmanager"]) {
    it(`reports ${alias}`, async () => {
      assert.deepEqual(await judged({ kmsKeyId: alias }), [
        says("mandatory", "prod/shop/orders-db names the key that AWS manages. Set kmsKeyId to a customer-managed key"),
      ]);
    });
  }

  it("reports a secret that would be deleted at once, or too soon", async () => {
    assert.deepEqual(await judged({ kmsKeyId: key, recoveryWindowInDays: 0 }), [
      says(
        "mandatory",
        "prod/shop/orders-db has a recovery window of 0 days, its minimum is 7. Set recoveryWindowInDays to 7 or more",
      ),
    ]);
    assert.deepEqual(await judged({ kmsKeyId: key, recoveryWindowInDays: 13 }, { minimumRecoveryDays: 14 }), [
      says(
        "mandatory",
        "prod/shop/orders-db has a recovery window of 13 days, its minimum is 14. Set recoveryWindowInDays to 14 or more",
      ),
    ]);
  });

  it("asks nothing of development", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    const { props, ...rest } = managedSecret("dev/shop/orders-db", 1);
    const found = await development.analyze({ ...rest, props: { name: "dev/shop/orders-db", tags: props.tags ?? {} } });
    assert.deepEqual(ofPolicy(policy, found), []);
  });
});
