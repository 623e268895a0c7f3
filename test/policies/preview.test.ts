import assert from "node:assert/strict";
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { whileRotatingSecrets } from "../../policies/rules";
import type { Sandbox } from "../sandbox/sandbox";
import { sharedSandbox } from "../sandbox/shared";
import { packFolder } from "./analyzer";
import { InlineStack, type Outcome, ProjectFolder } from "./engine";
import { awayFromMidnight, dateDaysAgo, daysAgo } from "./resources";

const canary = "canary-value-7d1e";
const ageOf = (name: string, days: number, stack = "prod", limit = "90 days (kind database)") =>
  `${stack}/${name} is ${days} days old (since ${dateDaysAgo(days)}); its limit is ${limit}. ` +
  `Run: npm run rotate -- ${name} --stack ${stack}`;
const mandatory = ({ reported }: Outcome) => reported.filter(({ level }) => level === "mandatory");

/** A database secret as infra/ declares it, rotated so many days ago. */
function declareSecret(name: string, rotatedDaysAgo: number, more: Partial<aws.secretsmanager.SecretArgs> = {}) {
  const environment = pulumi.getStack();
  return new aws.secretsmanager.Secret(name, {
    name: `${environment}/${name}`,
    kmsKeyId: "alias/shop-secrets",
    tags: {
      "managed-by": "secret-rotation",
      environment,
      kind: "database",
      strategy: "alternating-users",
      "created-at": daysAgo(rotatedDaysAgo),
      "rotated-at": daysAgo(rotatedDaysAgo),
    },
    ...more,
  });
}

/** Such a secret with its way into Kubernetes. */
function declare(name: string, rotatedDaysAgo: number, more: Partial<aws.secretsmanager.SecretArgs> = {}) {
  const secret = declareSecret(name, rotatedDaysAgo, more);
  const metadata = { name: name.replaceAll("/", "-"), namespace: "policies" };
  new k8s.apiextensions.CustomResource(name, {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      refreshInterval: "5m0s",
      secretStoreRef: { name: "secret-rotation", kind: "SecretStore" },
      target: { name: metadata.name, creationPolicy: "Owner", deletionPolicy: "Retain" },
      // Not known in the preview of a new stack.
      data: [{ secretKey: "password", remoteRef: { key: secret.arn } }],
    },
  });
}

function declareStore() {
  new k8s.apiextensions.CustomResource("store", {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: { name: "secret-rotation", namespace: "policies" },
    spec: { provider: { aws: { service: "SecretsManager", region: "eu-west-1" } } },
  });
}

describe("policies: previews by the real engine", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  before(async function () {
    await awayFromMidnight(this);
    sandbox = await sharedSandbox();
  });

  describe("pulumi preview --policy-pack, by hand", () => {
    let folder: ProjectFolder;
    beforeEach(() => {
      folder = new ProjectFolder(sandbox.env);
    });
    afterEach(() => folder.remove());

    const program = (tags: string, more = "") => `
      const aws = require("@pulumi/aws");
      const ago = (days) => new Date(Date.now() - days * 86400000).toISOString();
      const secret = new aws.secretsmanager.Secret("shop/orders-db", { name: "prod/shop/orders-db", kmsKeyId: "alias/own",
        tags: { "managed-by": "secret-rotation", environment: "prod", kind: "database", "created-at": ago(400), ${tags} } });
      ${more}`;

    it("fails on a stale secret and on a value in the state, and shows no value", async () => {
      const value = `new aws.secretsmanager.SecretVersion("shop/orders-db", { secretId: secret.id, secretString: "${canary}" });`;
      folder.write("policies-by-hand", program('"rotated-at": ago(91)', value));
      await folder.pulumi("stack", "init", "prod");
      const { code, output } = await folder.pulumi("preview", "--stack", "prod", "--policy-pack", packFolder);
      assert.notEqual(code, 0);
      assert.ok(output.includes(ageOf("shop/orders-db", 91)), output);
      assert.ok(output.includes("SecretVersion shop/orders-db has its value in secretString."), output);
      assert.match(output, /\[mandatory\] {2}secret-max-age {2}\(aws:secretsmanager:Secret: shop\/orders-db\)/);
      assert.ok(!output.includes(canary));
    });

    it("passes a secret that was rotated in time", async () => {
      folder.write("policies-by-hand-fresh", program('"rotated-at": ago(90)'));
      await folder.pulumi("stack", "init", "prod");
      const { code, output } = await folder.pulumi("preview", "--stack", "prod", "--policy-pack", packFolder);
      assert.equal(code, 0, output);
      assert.ok(!output.includes("[mandatory]"), output);
    });

    it("says every mistake in the pack's configuration before it begins", async () => {
      folder.write("policies-by-hand-config", program('"rotated-at": ago(1)'));
      await folder.pulumi("stack", "init", "prod");
      const exceptions = [{ secret: "shop/orders-db", until: "soon" }];
      const config = folder.file("pack.json", {
        "secret-max-age": { maxAgeDays: { databases: 9 }, exceptions },
        "external-secret-follows": { maxRefreshInterval: "2h" },
      });
      const args = ["--stack", "prod", "--policy-pack", packFolder, "--policy-pack-config", config];
      const { code, output } = await folder.pulumi("preview", ...args);
      assert.notEqual(code, 0);
      for (const mistake of [
        "secret-max-age: maxAgeDays: Additional property databases is not allowed",
        "secret-max-age: exceptions.0: reason is required",
        "secret-max-age: exceptions.0.until: Does not match pattern",
        "external-secret-follows: maxRefreshInterval: Does not match pattern",
      ]) {
        assert.ok(output.includes(mistake), output);
      }
    });

    for (const stack of ["dev", "prod"]) {
      it(`passes the repository's own stack ${stack}`, async () => {
        folder.copyRepository(stack);
        await folder.pulumi("stack", "init", stack);
        const { code, output } = await folder.pulumi("preview", "--stack", stack, "--policy-pack", packFolder);
        assert.equal(code, 0, output);
        assert.ok(!output.includes("[mandatory]"), output);
        assert.ok(output.includes("secret-rotation@v0.1.0"), output);
      });
    }
  });

  describe("the Automation API's policyPacks", () => {
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
      assert.deepEqual(
        outcome.reported.filter(({ policy }) => policy !== "rotation-alarms-present"),
        [
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
        ],
      );
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
      const curing = whileRotatingSecrets({}, ["cure/a"]);
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
        outcome.reported.map(({ policy, level, resource, message }) => [
          policy,
          level,
          resource,
          message.split(":")[0],
        ]),
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
});
