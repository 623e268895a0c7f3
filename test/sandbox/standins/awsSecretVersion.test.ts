import assert from "node:assert/strict";
import {
  GetSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import { createTestStack, type TestStack } from "./testing/testStack";
import { secretsManager, stages, versioned } from "./testing/versionedSecret";

describe("aws provider stand-in: versions of a secret", function () {
  this.timeout(120_000);
  let client: SecretsManagerClient;
  let stack: TestStack;

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
});
