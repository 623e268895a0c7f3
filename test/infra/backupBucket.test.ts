import assert from "node:assert/strict";
import { provision } from "./registered";

type Inputs = Record<string, unknown>;

/** What a stack without secrets registers, by type. */
async function resources(backup: object): Promise<ReadonlyMap<string, Inputs>> {
  const registered = new Map<string, Inputs>();
  await provision(
    { backup },
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        assert.ok(!registered.has(type), `two of ${type}`);
        if (type.startsWith("aws:")) registered.set(type.split(":").at(-1) ?? "", inputs);
        return { id: `${name}-id`, state: { ...inputs, arn: `arn:${type}`, keyId: "key-id" } };
      },
    },
  );
  return registered;
}

describe("the bucket of the backups", () => {
  it("is private, TLS only, versioned, encrypted by a key of its own, and emptied by age", async () => {
    const found = await resources({ bucket: "acme-backups", retentionDays: 30 });
    assert.deepEqual([...found.keys()].sort(), [
      "Alias",
      "Bucket",
      "BucketLifecycleConfiguration",
      "BucketPolicy",
      "BucketPublicAccessBlock",
      "BucketServerSideEncryptionConfiguration",
      "BucketVersioning",
      "Key",
    ]);
    assert.deepEqual(found.get("Alias"), { name: "alias/secret-backups-prod", targetKeyId: "key-id" });
    assert.equal(found.get("Key")?.enableKeyRotation, true);
    assert.deepEqual(found.get("BucketVersioning")?.versioningConfiguration, { status: "Enabled" });
    const { bucket: _, ...blocked } = found.get("BucketPublicAccessBlock") ?? {};
    assert.deepEqual(Object.values(blocked), [true, true, true, true]);
    const [statement] = JSON.parse(String(found.get("BucketPolicy")?.policy)).Statement;
    assert.deepEqual(statement.Condition, { Bool: { "aws:SecureTransport": "false" } });
    assert.deepEqual([statement.Effect, statement.Principal, statement.Action], ["Deny", "*", "s3:*"]);
    assert.deepEqual(statement.Resource, ["arn:aws:s3/bucket:Bucket", "arn:aws:s3/bucket:Bucket/*"]);
    const rules = (found.get("BucketServerSideEncryptionConfiguration")?.rules ?? []) as Inputs[];
    assert.deepEqual(rules[0]?.applyServerSideEncryptionByDefault, {
      sseAlgorithm: "aws:kms",
      kmsMasterKeyId: "arn:aws:kms/key:Key",
    });
    const [expiry] = (found.get("BucketLifecycleConfiguration")?.rules ?? []) as Inputs[];
    assert.deepEqual(
      [expiry?.filter, expiry?.expiration, expiry?.noncurrentVersionExpiration],
      [{ prefix: "secret-backups/" }, { days: 30 }, { noncurrentDays: 1 }],
    );
  });

  it("takes a key that is there, and locks its objects when asked to", async () => {
    const objectLock = { mode: "COMPLIANCE", days: 14 };
    const found = await resources({ bucket: "acme-backups", kmsKeyId: "alias/theirs", objectLock });
    assert.ok(!found.has("Key") && !found.has("Alias"));
    assert.ok(!("objectLockEnabled" in (found.get("Bucket") ?? {})), "a bucket that is there would be replaced");
    assert.deepEqual(found.get("BucketObjectLockConfiguration")?.rule, { defaultRetention: objectLock });
  });

  it("is not made where it is there already", async () => {
    const found = await resources({ bucket: "acme-backups", kmsKeyId: "alias/theirs", provision: false });
    assert.deepEqual([...found.keys()], []);
  });
});
