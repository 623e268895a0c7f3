import assert from "node:assert/strict";
import { type Json, type Pack, unknownText } from "./analyzer";
import { ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "secret-value-not-in-state";
const says = reporter(policy, "No secret value is written into the state of the stack.");
const canary = "canary-4f1c";

describe("policies/secretValueNotInState", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
    await pack.configure();
  });

  async function judged(type: string, props: Json) {
    return ofPolicy(policy, await pack.analyze({ type, name: "shop/orders-db", props }));
  }
  const version = (props: Json) =>
    judged("aws:secretsmanager/secretVersion:SecretVersion", { secretId: "arn", ...props });
  const kubernetes = (props: Json, type = "Secret") =>
    judged(`kubernetes:core/v1:${type}`, { metadata: { name: "orders-db", namespace: "shop" }, ...props });

  it("passes a write-only value", async () => {
    assert.deepEqual(
      await version({ secretStringWo: canary, secretStringWoVersion: 1, versionStages: ["AWSPENDING"] }),
      [],
    );
  });

  for (const property of ["secretString", "secretBinary"]) {
    it(`reports a value in ${property}, and does not repeat it`, async () => {
      const expected = [
        says(
          "mandatory",
          `SecretVersion shop/orders-db has its value in ${property}. Use secretStringWo, which is never read back. ` +
            "A value that was in the state counts as known: run: npm run rotate -- shop/orders-db --stack prod",
        ),
      ];
      assert.deepEqual(await version({ [property]: canary }), expected);
      assert.deepEqual(await version({ [property]: unknownText }), expected);
    });
  }

  it("passes a Kubernetes Secret without data", async () => {
    assert.deepEqual(await kubernetes({ type: "kubernetes.io/service-account-token" }), []);
    assert.deepEqual(await kubernetes({ data: {}, stringData: {} }), []);
  });

  for (const type of ["Secret", "SecretPatch"]) {
    it(`reports data and stringData of a Kubernetes ${type}`, async () => {
      const of = (property: string) =>
        says(
          "mandatory",
          `Kubernetes Secret shop/orders-db has its value in ${property}. Let an ExternalSecret create it. ` +
            "A value that was in the state counts as known: rotate it",
        );
      const found = await kubernetes({ data: { password: canary }, stringData: { user: canary } }, type);
      assert.deepEqual(found, [of("data"), of("stringData")]);
      assert.ok(!JSON.stringify(found).includes(canary));
    });
  }

  it("is advice in development", async () => {
    const development = await sharedPack("dev");
    await development.configure();
    const [found] = ofPolicy(
      policy,
      await development.analyze({ type: "kubernetes:core/v1:Secret", name: "x", props: { data: { a: canary } } }),
    );
    assert.equal(found?.level, "advisory");
    assert.match(found?.message ?? "", /^No secret value .*\nKubernetes Secret default\/x has its value in data\./);
  });
});
