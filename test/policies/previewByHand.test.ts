import assert from "node:assert/strict";
import { releaseDefaults } from "../../infra/config/operatorsSchema";
import { type ChartRepository, serveCharts } from "../integration/chartRepository";
import type { Sandbox } from "../sandbox/sandbox";
import { sharedSandbox } from "../sandbox/shared";
import { packFolder } from "./analyzer";
import { ProjectFolder } from "./engine";
import { ageOf, canary } from "./previewedStack";
import { awayFromMidnight } from "./resources";

describe("policies: pulumi preview --policy-pack, by hand", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let charts: ChartRepository | undefined;
  before(async function () {
    await awayFromMidnight(this);
    sandbox = await sharedSandbox();
    const { externalSecrets, reloader } = releaseDefaults;
    charts = await serveCharts({ "external-secrets": [externalSecrets.version], reloader: [reloader.version] });
  });
  let folder: ProjectFolder;
  beforeEach(() => {
    folder = new ProjectFolder(sandbox.env);
  });
  afterEach(() => folder.remove());
  after(() => charts?.close());
  /** A preview reads the charts. The stack's own repositories are on the network. */
  const chartsFromHere = async () => {
    for (const operator of ["externalSecrets", "reloader"]) {
      const { code, output } = await folder.pulumi(
        ...[
          "config",
          "set",
          "--plaintext",
          "--path",
          `secret-rotation:operators.${operator}.repository`,
          charts?.url ?? "",
        ],
      );
      assert.equal(code, 0, output);
    }
  };

  const program = (tags: string, more = "") => `
    const aws = require("@pulumi/aws");
    const ago = (days) => new Date(Date.now() - days * 86400000).toISOString();
    const secret = new aws.secretsmanager.Secret("shop/orders-db", { name: "prod/shop/orders-db", kmsKeyId: "alias/own",
      tags: { "managed-by": "secret-rotation", environment: "prod", kind: "database", "created-at": ago(400), ${tags} } });
    for (const metricName of ["RotationFailure", "SecretAgeDays"]) new aws.cloudwatch.MetricAlarm(metricName, {
      namespace: "SecretRotation", metricName, dimensions: { SecretName: "prod/shop/orders-db" }, alarmActions: ["arn"],
      comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1 });
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
      "secret-max-age": { maxAgeDays: { database: 0 }, exceptions },
      "external-secret-follows": { maxRefreshInterval: "2h" },
    });
    const args = ["--stack", "prod", "--policy-pack", packFolder, "--policy-pack-config", config];
    const { code, output } = await folder.pulumi("preview", ...args);
    assert.notEqual(code, 0);
    for (const mistake of [
      "secret-max-age: maxAgeDays.database: Must be greater than or equal to 1",
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
      if (stack === "prod") await chartsFromHere();
      const { code, output } = await folder.pulumi("preview", "--stack", stack, "--policy-pack", packFolder);
      assert.equal(code, 0, output);
      assert.ok(!output.includes("[mandatory]"), output);
      assert.ok(output.includes("secret-rotation@v0.1.0"), output);
    });
  }
});
