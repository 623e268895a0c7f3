import assert from "node:assert/strict";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import type { Sandbox } from "../sandbox";
import { createTestStack, type TestStack } from "./testing/testStack";

function secretsManager({ env }: Sandbox): SecretsManagerClient {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" };
  return new SecretsManagerClient({ endpoint: env.AWS_ENDPOINT_URL ?? "", region: "eu-west-1", credentials });
}

/** The labels of every version of a secret that has some. */
async function stages(client: SecretsManagerClient, SecretId: string): Promise<Record<string, string[]>> {
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
  return Object.fromEntries(Versions.map(({ VersionId = "", VersionStages = [] }) => [VersionId, VersionStages]));
}

interface Version {
  readonly value: string;
  readonly version: number;
  readonly options?: pulumi.CustomResourceOptions;
  readonly versionStages?: string[];
}

describe("aws provider stand-in", function () {
  this.timeout(120_000);
  let client: SecretsManagerClient;
  let stack: TestStack;

  const versioned =
    (
      name: string,
      { value, version, options = {}, versionStages }: Version,
      args: aws.secretsmanager.SecretArgs = {},
    ) =>
    async () => {
      const secret = new aws.secretsmanager.Secret("secret", { name, ...args });
      const stage = versionStages ? { versionStages } : {};
      const inputs = { secretId: secret.id, secretStringWo: value, secretStringWoVersion: version, ...stage };
      const { versionId } = new aws.secretsmanager.SecretVersion("version", inputs, options);
      return { arn: secret.arn, versionId };
    };

  beforeEach(async () => {
    stack = await createTestStack("aws");
    client = secretsManager(stack.sandbox);
  });

  it("writes a write-only value that no output and no state in clear text has", async () => {
    const name = `test/${stack.unique}`;
    const { outputs } = await stack.up(versioned(name, { value: "canary-one", version: 1 }));
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: name, VersionId: String(outputs.versionId?.value) }),
    );
    assert.equal(SecretString, "canary-one");
    const version = stack.recorded("version");
    assert.equal(version.id, `${outputs.arn?.value}|${outputs.versionId?.value}`);
    assert.deepEqual(version.outputs, {
      arn: outputs.arn?.value,
      hasSecretStringWo: true,
      region: "eu-west-1",
      secretId: outputs.arn?.value,
      secretStringWoVersion: 1,
      versionId: outputs.versionId?.value,
      versionStages: ["AWSCURRENT"],
    });
    assert.ok(!stack.stateFile().includes("canary-one"));
  });

  it("takes a new value alone for no change, and forgets the ciphertext of the old one", async () => {
    const name = `test/${stack.unique}`;
    await stack.up(versioned(name, { value: "canary-one", version: 1 }));
    const before = stack.recorded("version").inputs.secretStringWo as { ciphertext: string };
    const { steps } = await stack.up(versioned(name, { value: "frozen", version: 1 }));
    assert.deepEqual(steps, []);
    assert.ok(before.ciphertext && !stack.stateFile().includes(before.ciphertext));
    assert.equal(Object.keys(await stages(client, name)).length, 1);
  });

  it("replaces the version when its number changes; what is retained keeps its label", async () => {
    const name = `test/${stack.unique}`;
    const options = { retainOnDelete: true };
    const first = await stack.up(versioned(name, { value: "one", version: 1, options }));
    const second = await stack.up(versioned(name, { value: "two", version: 2, options }));
    assert.deepEqual(second.steps, ["create-replacement version", "replace version", "delete-replaced version"]);
    assert.deepEqual(second.diffs.version, ["secretStringWoVersion"]);
    const { value: firstId } = first.outputs.versionId ?? {};
    const { value: secondId } = second.outputs.versionId ?? {};
    assert.deepEqual(await stages(client, name), { [firstId]: ["AWSPREVIOUS"], [secondId]: ["AWSCURRENT"] });
  });

  it("takes the recorded labels from a version that it deletes, but AWSCURRENT", async () => {
    const name = `test/${stack.unique}`;
    const first = await stack.up(versioned(name, { value: "one", version: 1 }));
    const { steps } = await stack.up(versioned(name, { value: "two", version: 2, versionStages: ["AWSPENDING"] }));
    assert.ok(steps.includes("delete-replaced version"));
    const after = await stages(client, name);
    assert.deepEqual(after[String(first.outputs.versionId?.value)], ["AWSCURRENT"]);
    await stack.up(async () => {
      new aws.secretsmanager.Secret("secret", { name });
    });
    assert.deepEqual(Object.values(await stages(client, name)).flat(), ["AWSCURRENT"]);
  });

  it("moves labels in place", async () => {
    const name = `test/${stack.unique}`;
    const options = { retainOnDelete: true };
    await stack.up(versioned(name, { value: "one", version: 1, options }));
    const first = stack.recorded("version").outputs.versionId as string;
    const pending = { value: "two", version: 2, options };
    await stack.up(versioned(name, { ...pending, versionStages: ["AWSPENDING"] }));
    const second = stack.recorded("version").outputs.versionId as string;
    const { steps, diffs } = await stack.up(versioned(name, { ...pending, versionStages: ["AWSCURRENT"] }));
    assert.deepEqual([steps, diffs.version], [["update version"], ["versionStages[0]"]]);
    assert.deepEqual(await stages(client, name), { [first]: ["AWSPREVIOUS"], [second]: ["AWSCURRENT"] });
  });

  it("refuses a write-only value without its number, and two values", async () => {
    const only = { secretId: "x", secretStringWo: "canary" };
    const wrong: [aws.secretsmanager.SecretVersionArgs, RegExp][] = [
      [only, /secretStringWo.* also needs "secretStringWoVersion"/],
      [{ ...only, secretStringWoVersion: 1, secretString: "canary" }, /Conflicting configuration arguments/],
    ];
    for (const [args, message] of wrong) {
      const program = async () => {
        new aws.secretsmanager.SecretVersion("version", args);
      };
      await assert.rejects(stack.preview(program), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("canary"));
        return true;
      });
    }
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

  it("sees in a refresh what others changed", async () => {
    const name = `test/${stack.unique}`;
    const program = versioned(name, { value: "one", version: 1, versionStages: ["AWSCURRENT"] });
    const { outputs } = await stack.up(program);
    const versionId = String(outputs.versionId?.value);
    const label = { SecretId: name, VersionStage: "mine", MoveToVersionId: versionId };
    await client.send(new UpdateSecretVersionStageCommand(label));
    await stack.refresh();
    assert.deepEqual(stack.recorded("version").outputs.versionStages, ["AWSCURRENT", "mine"]);
    assert.deepEqual((await stack.up(program)).steps, ["update version"]);
    assert.deepEqual(await stages(client, name), { [versionId]: ["AWSCURRENT"] });
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

  it("passes on what AWS says", async () => {
    const program = async () => {
      const inputs = { secretId: "no/such/secret", secretStringWo: "canary", secretStringWoVersion: 1 };
      new aws.secretsmanager.SecretVersion("version", inputs);
    };
    await assert.rejects(stack.up(program), (error: Error) => {
      assert.match(
        error.message,
        /putting Secrets Manager Secret \(no\/such\/secret\) value: ResourceNotFoundException/,
      );
      return !error.message.includes("canary");
    });
  });

  it("previews a type that it does not implement, and refuses to create it", async () => {
    const program = async () => {
      const topic = new aws.sns.Topic("topic", { tags: { kind: "alarm" } });
      return { arn: topic.arn, tags: topic.tags };
    };
    const { steps } = await stack.preview(program);
    assert.deepEqual(steps, ["create topic"]);
    await assert.rejects(stack.up(program), /aws provider stand-in does not implement aws:sns\/topic:Topic/);
  });
});
