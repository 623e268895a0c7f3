import assert from "node:assert/strict";
import { DescribeSecretCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { createTestStack, type TestStack } from "./testing/testStack";
import { secretsManager, versioned } from "./testing/versionedSecret";

describe("aws provider stand-in: secrets, and what is looked up", function () {
  this.timeout(120_000);
  let client: SecretsManagerClient;
  let stack: TestStack;

  beforeEach(async () => {
    stack = await createTestStack("aws");
    client = secretsManager(stack.sandbox);
  });

  it("updates tags and description in place, and leaves single tags that are ignored", async () => {
    const name = `test/${stack.unique}`;
    const secret = (args: aws.secretsmanager.SecretArgs, ignoreChanges: string[] = []) =>
      stack.up(async () => {
        new aws.secretsmanager.Secret("secret", { name, ...args }, { ignoreChanges });
      });
    await secret({ tags: { kind: "app", "rotated-at": "monday" } });
    const ignored = await secret({ tags: { kind: "app", "rotated-at": "friday" } }, ['tags["rotated-at"]']);
    assert.deepEqual(ignored.steps, []);
    const gone = await secret({ tags: { kind: "jwt" }, description: "new" }, ['tags["rotated-at"]']);
    assert.deepEqual(gone.steps, ["update secret"]);
    const { Tags = [], Description } = await client.send(new DescribeSecretCommand({ SecretId: name }));
    assert.equal(Description, "new");
    const byKey = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
    assert.deepEqual(byKey, { kind: "jwt", "rotated-at": "monday" });
    const removed = await secret({ tags: { kind: "jwt" } });
    assert.deepEqual(removed.diffs.secret, ["description", "tags.rotated-at", "tagsAll.rotated-at"]);
  });

  it("names a secret that has no name, and replaces one that gets another", async () => {
    const secret = (args: aws.secretsmanager.SecretArgs) => async () => {
      new aws.secretsmanager.Secret("secret", args);
    };
    await stack.up(secret({}));
    const { outputs } = stack.recorded("secret");
    assert.match(String(outputs.name), /^secret-[0-9a-f]{7}$/);
    assert.deepEqual((await stack.up(secret({}))).steps, []);
    const { steps } = await stack.up(secret({ name: `test/${stack.unique}` }));
    assert.ok(steps.includes("replace secret"));
    assert.deepEqual(stack.recorded("secret").inputs.__defaults, [
      "forceOverwriteReplicaSecret",
      "recoveryWindowInDays",
    ]);
  });

  it("imports a secret and its version with the inputs that make them", async () => {
    const name = `test/${stack.unique}`;
    const args = { tags: { kind: "app" }, description: "to be adopted" };
    const { outputs } = await stack.up(versioned(name, { value: "canary", version: 1 }, args));
    const [arn, versionId] = [String(outputs.arn?.value), String(outputs.versionId?.value)];
    const other = await createTestStack("import");
    await other.up(async () => {
      const secretArgs = { name, ...args, recoveryWindowInDays: 30, forceOverwriteReplicaSecret: false };
      new aws.secretsmanager.Secret("secret", secretArgs, { import: arn, ignoreChanges: ["recoveryWindowInDays"] });
      const value = { secretId: arn, secretString: pulumi.secret("canary"), versionStages: ["AWSCURRENT"] };
      new aws.secretsmanager.SecretVersion("version", value, { import: `${arn}|${versionId}` });
    });
    const secret = other.recorded("secret");
    assert.deepEqual([secret.id, secret.outputs.name, secret.outputs.tags], [arn, name, args.tags]);
    assert.ok(!other.stateFile().includes("canary"));
  });

  it("deletes with the recovery window, or at once", async () => {
    const names = [`test/${stack.unique}/kept`, `test/${stack.unique}/gone`] as const;
    await stack.up(async () => {
      new aws.secretsmanager.Secret("kept", { name: names[0], recoveryWindowInDays: 7 });
      new aws.secretsmanager.Secret("gone", { name: names[1], recoveryWindowInDays: 0 });
    });
    await stack.destroy();
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: names[0] }));
    const days = ((DeletedDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    assert.ok(days > 6.9 && days < 7.1, `deleted in ${days} days`);
    await assert.rejects(client.send(new DescribeSecretCommand({ SecretId: names[1] })), /can't find|not found/i);
  });

  it("looks a secret up, and says who and where it is", async () => {
    const name = `test/${stack.unique}`;
    const { outputs } = await stack.up(versioned(name, { value: "one", version: 1 }));
    const asked = await stack.up(async () => {
      const found = await aws.secretsmanager.getSecret({ name });
      const { accountId } = await aws.getCallerIdentity();
      const { region } = await aws.getRegion();
      return { arn: found.arn, accountId, region };
    });
    const answers = Object.fromEntries(Object.entries(asked.outputs).map(([key, { value }]) => [key, value]));
    assert.deepEqual(answers, { arn: outputs.arn?.value, accountId: "123456789012", region: "eu-west-1" });
  });

  it("previews a type that it does not implement, and refuses to create it", async () => {
    const program = async () => {
      const queue = new aws.sqs.Queue("queue", { tags: { kind: "alarm" } });
      return { arn: queue.arn, tags: queue.tags };
    };
    const { steps } = await stack.preview(program);
    assert.deepEqual(steps, ["create queue"]);
    await assert.rejects(stack.up(program), /aws provider stand-in does not implement aws:sqs\/queue:Queue/);
  });
});
