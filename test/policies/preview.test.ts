import assert from "node:assert/strict";
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import { runVariable, whileRotatingSecrets } from "../../policies/rules";
import type { Sandbox } from "../sandbox/sandbox";
import { sharedSandbox } from "../sandbox/shared";
import { InlineStack } from "./engine";
import { ageOf, canary, declare, declareSecret, declareStore, mandatory } from "./previewedStack";
import { awayFromMidnight, dateDaysAgo, daysAgo } from "./resources";

describe("policies: the Automation API's policyPacks", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  before(async function () {
    await awayFromMidnight(this);
    sandbox = await sharedSandbox();
  });
  const stacks: InlineStack[] = [];
  async function stackOf(project: string, stackName: string, program: () => void) {
    const stack = await InlineStack.create(sandbox, `policies-${project}`, stackName, async () => program());
    stacks.push(stack);
    return stack;
  }
  const client = () =>
    new SecretsManagerClient({
      region: "eu-west-1",
      endpoint: sandbox.env.AWS_ENDPOINT_URL ?? "",
      credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    });
  const secretsNamed = async (prefix: string) => {
    const found = await client().send(new ListSecretsCommand({ Filters: [{ Key: "name", Values: [prefix] }] }));
    return (found.SecretList ?? []).map(({ Name }) => Name);
  };

  afterEach(async () => {
    for (const stack of stacks.splice(0)) await stack.destroy();
  });

  it("fail the preview of a stale stack, and pass a fresh one", async () => {
    let age = 91;
    const stack = await stackOf("age", "prod", () => {
      declareStore();
      declare("ages/orders-db", age);
    });
    const stale = await stack.run("preview");
    assert.equal(stale.failed, true);
    assert.deepEqual(mandatory(stale), [
      {
        policy: "secret-max-age",
        level: "mandatory",
        resource: "ages/orders-db",
        message: ageOf("ages/orders-db", 91),
      },
    ]);
    age = 90;
    const fresh = await stack.run("preview");
    assert.equal(fresh.failed, false, fresh.output);
    assert.deepEqual(mandatory(fresh), []);
  });

  it("only advise in development", async () => {
    const stack = await stackOf("advice", "dev", () => declare("advice/orders-db", 61));
    const outcome = await stack.run("preview");
    assert.equal(outcome.failed, false, outcome.output);
    assert.deepEqual(outcome.reported, [
      {
        policy: "secret-max-age",
        level: "advisory",
        resource: "advice/orders-db",
        message: ageOf("advice/orders-db", 61, "dev", "60 days (environment dev)"),
      },
      {
        policy: "external-secret-follows",
        level: "advisory",
        resource: "advice/orders-db",
        message:
          "ExternalSecret policies/advice-orders-db names the SecretStore policies/secret-rotation, " +
          "which is not in this stack: declare it, or name one that is",
      },
    ]);
  });

  it("stop an update before it touches anything", async () => {
    const stack = await stackOf("untouched", "prod", () => {
      declareStore();
      declare("untouched/orders-db", 91);
    });
    const outcome = await stack.run("up");
    assert.equal(outcome.failed, true);
    assert.deepEqual(await secretsNamed("prod/untouched/"), []);
  });

  it("judge the tags that the stack recorded, where the program's are ignored", async () => {
    let createdDaysAgo = 5;
    const stack = await stackOf("recorded", "dev", () => {
      const tags = { "managed-by": "secret-rotation", environment: "dev", kind: "app", strategy: "simple" };
      new aws.secretsmanager.Secret(
        "recorded/key",
        {
          name: "dev/recorded/key",
          recoveryWindowInDays: 7,
          tags: { ...tags, "created-at": daysAgo(createdDaysAgo) },
        },
        { ignoreChanges: ['tags["created-at"]', 'tags["rotated-at"]'] },
      );
    });
    const up = await stack.run("up");
    assert.equal(up.failed, false, up.output);
    createdDaysAgo = 0;
    const { reported } = await stack.run("preview");
    assert.deepEqual(
      reported.filter(({ policy }) => policy === "secret-never-rotated").map(({ message }) => message),
      [
        `dev/recorded/key is 5 days old (since ${dateDaysAgo(5)}) and was never rotated; ` +
          "a first rotation is due 1 day after its creation. Run: npm run rotate -- recorded/key --stack dev",
      ],
    );
  });

  it("do not stop the cure by the disease, but by everything else", async () => {
    let kmsKeyId = "alias/shop-secrets";
    const stack = await stackOf("cure", "prod", () => {
      declareStore();
      declare("cure/a", 400, { kmsKeyId });
      declare("cure/b", 400);
    });
    assert.equal((await stack.run("preview")).failed, true);
    const curing = whileRotatingSecrets({}, ["cure/a"], "run-1");
    // A file that says so by itself changes nothing, and is a violation.
    const claimed = await stack.run("preview", curing);
    assert.equal(claimed.failed, true);
    assert.deepEqual(
      mandatory(claimed)
        .map(({ policy, resource }) => [policy, resource])
        .sort(),
      [
        ["certificate-expiry", "policies-cure-prod"],
        ["secret-max-age", "cure/a"],
        ["secret-max-age", "cure/b"],
        ["secret-max-age", "policies-cure-prod"],
        ["secret-never-rotated", "policies-cure-prod"],
      ],
    );
    stack.envVars[runVariable] = "run-1";
    const cured = await stack.run("preview", curing);
    assert.equal(cured.failed, false, cured.output);
    assert.deepEqual(
      cured.reported.filter(({ policy }) => policy === "secret-max-age"),
      [{ policy: "secret-max-age", level: "advisory", resource: "cure/b", message: ageOf("cure/b", 400) }],
    );
    kmsKeyId = "alias/aws/secretsmanager";
    const broken = await stack.run("preview", curing);
    assert.equal(broken.failed, true);
    assert.deepEqual(
      mandatory(broken).map(({ policy, resource }) => [policy, resource]),
      [["secret-encryption-and-recovery", "cure/a"]],
    );
  });

  it("report exceptions, and disabled policies, once a run", async () => {
    const until = dateDaysAgo(-3);
    const stack = await stackOf("waivers", "prod", () => {
      declareStore();
      declare("waivers/a", 400);
      declare("waivers/b", 400);
    });
    const exceptions = ["waivers/a", "waivers/b"].map((secret) => ({ secret, reason: "vendor", until }));
    const outcome = await stack.run("preview", {
      "secret-max-age": { exceptions },
      "rotation-alarms-present": { disabled: { reason: "not built yet", until } },
      "certificate-expiry": "disabled",
    });
    assert.equal(outcome.failed, true);
    assert.deepEqual(
      outcome.reported.map(({ policy, level, resource, message }) => [policy, level, resource, message.split(":")[0]]),
      [
        [
          "secret-max-age",
          "advisory",
          "policies-waivers-prod",
          `waivers/a is excepted from secret-max-age until ${until}`,
        ],
        [
          "secret-max-age",
          "advisory",
          "policies-waivers-prod",
          `waivers/b is excepted from secret-max-age until ${until}`,
        ],
        [
          "rotation-alarms-present",
          "advisory",
          "policies-waivers-prod",
          `rotation-alarms-present is disabled until ${until}`,
        ],
        [
          "policies-stay-enabled",
          "mandatory",
          "policies-waivers-prod",
          "certificate-expiry is disabled by its enforcementLevel, which says neither why nor for how long",
        ],
      ],
    );
  });

  it("cannot be lowered, nor turned off, all together, without a reason and an end", async () => {
    const stack = await stackOf("lowered", "prod", () => void declare("lowered/a", 400));
    const guard = (config: object) =>
      stack
        .run("preview", config)
        .then(({ failed, reported }) => [
          failed,
          ...reported.filter(({ policy }) => policy === "policies-stay-enabled").map(({ level }) => level),
        ]);
    assert.deepEqual(await guard({ all: "advisory" }), [true, "mandatory"]);
    assert.deepEqual(await guard({ all: "disabled" }), [true, ...Array(11).fill("mandatory")]);
    const lowered = { reason: "migration", until: dateDaysAgo(-3) };
    assert.deepEqual(await guard({ all: "advisory", "policies-stay-enabled": { lowered } }), [false, "advisory"]);
  });

  it("find a tag that lies, by asking Secrets Manager, and never ask for a value", async () => {
    const stack = await stackOf("live", "dev", () => void declareSecret("live/orders-db", 40));
    const up = await stack.run("up");
    assert.equal(up.failed, false, up.output);
    const { Versions: before } = await versionsAfterWriting("dev/live/orders-db");
    const { reported, output } = await stack.run("preview", { "secret-max-age": { verify: "live" } });
    assert.deepEqual(
      reported.filter(({ policy }) => policy === "secret-max-age").map(({ message }) => message),
      [
        `dev/live/orders-db: its tag rotated-at says ${dateDaysAgo(40)}, but AWSCURRENT was created on ${dateDaysAgo(0)}, ` +
          "40 days apart. Run: npm run rotate -- live/orders-db --stack dev",
      ],
    );
    assert.equal(before, 1);
    assert.ok(!output.includes(canary));
  });

  async function versionsAfterWriting(name: string) {
    const { PutSecretValueCommand, ListSecretVersionIdsCommand } = await import("@aws-sdk/client-secrets-manager");
    await client().send(new PutSecretValueCommand({ SecretId: name, SecretString: canary }));
    const { SecretString } = await client().send(
      new GetSecretValueCommand({ SecretId: name, VersionStage: "AWSCURRENT" }),
    );
    assert.equal(SecretString, canary);
    const { Versions = [] } = await client().send(new ListSecretVersionIdsCommand({ SecretId: name }));
    return { Versions: Versions.length };
  }
});
