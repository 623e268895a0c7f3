import assert from "node:assert/strict";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { ECS } from "@aws-sdk/client-ecs";
import { Lambda } from "@aws-sdk/client-lambda";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { describe, it } from "mocha";
import type { PolicyDocument } from "../../infra/access/policyDocument";
import type { Finished } from "../integration/cli";
import { packFolder } from "../policies/analyzer";
import { type Guarded, type Identity, startGuarded } from "./guarded";
import { stack, strange } from "./names";

const rotation = `secret-rotation-${stack}`;
const restore = `${rotation}-restore`;
const operator = `${rotation}-operator`;
const policiesOf = { [rotation]: ["rotation"], [restore]: ["rotation", "restore"], [operator]: ["reading"] };

/** Without this statement of its role's policy the command fails, and says this. */
interface Needed {
  readonly sid: string;
  readonly command: readonly string[];
  readonly says: RegExp;
  /** Where the command does what it can. */
  readonly exits?: 0;
}

const denied = /AccessDenied|Forbidden/;
const rotate = ["rotate", "shop/key"];
/** Its consumers are a service of ECS, a function of Lambda, and one with an alias. */
const remote = ["rotate", "shop/remote"];
const needs = (sid: string, command: readonly string[], says = denied): Needed => ({ sid, command, says });
/**
 * What moto does not look at itself, motoWithIam.py evaluates: the resources of Secrets Manager, KMS, CloudWatch Logs, ECS and
 * Lambda, all conditions, and the use of keys by Secrets Manager and S3 in the name of whoever calls them. Metrics are not here: no
 * command fails without them.
 */
const rotating: readonly Needed[] = [
  needs("WhatSecretsThereAre", ["status"], /secretsmanager:DescribeSecret on resource: .*guarded\/shop\/key/),
  needs("SecretsOfTheStack", rotate, /secretsmanager:GetSecretValue on resource: .*guarded\/shop\/key/),
  needs("RotatorsOfDatabases", ["rotate", "shop/orders"], /secretsmanager:DescribeSecret on resource: .*dev\/postgres/),
  needs("AccessKeysOfUsers", ["rotate", "shop/uploader"], /iam:\w+ is not allowed for the user guarded-uploader/),
  needs("Consumers1", remote, /ecs:DescribeServices on resource: arn:aws:ecs:[^ ]*:service\/guarded\/web/),
  needs("Consumers2", remote, /lambda:GetFunctionConfiguration on resource: arn:aws:lambda:[^ ]*:function:called/),
  needs("Consumers3", remote, /lambda:GetFunctionConfiguration on resource: arn:aws:lambda:[^ ]*:function:released/),
  needs("StatusAndCheck", ["check"], /secretsmanager:ListSecrets on resource: \*/),
  needs("KeysThereAreByAlias", ["backup"], /kms:DescribeKey/),
  needs("KeysOfSecretsByAlias", rotate, /kms:Decrypt/),
  needs("StacksThereAre", rotate),
  needs("State", rotate),
  needs("KeyOfStateByAlias", rotate, /kms:Decrypt/),
  needs("Backups", ["backup"]),
  needs("KeyOfBackupsByAlias", ["backup"], /kms:GenerateDataKey/),
  needs("KeyOfBackupsInS3ByAlias", ["backup"]),
  { ...needs("RecordsThereAre", ["history"], /cannot be read: s3:\/\/guarded-audit.*AccessDenied/), exits: 0 },
  needs("Audit", rotate, /the audit trail cannot be written: s3:\/\/guarded-audit.*AccessDenied/),
  needs("AuditLogs", rotate, /the audit trail cannot be written: log group .*logs:CreateLogStream/),
  needs("HowTheStateIsDivided", rotate),
];
const restoring: readonly Needed[] = [
  needs("BackupsThereAre", ["backups"]),
  needs("ReadBackups", ["restore", "--backup", "KEY"]),
  needs("KeyOfBackupsByAlias", ["restore", "--backup", "KEY"], /kms:Decrypt/),
  needs("KeyOfBackupsInS3ByAlias", ["backups"]),
];
/** Those of External Secrets. */
const reading: readonly Needed[] = [
  needs("SecretsInKubernetes", rotate, /shop\/key: sync: .*SecretSyncedError: could not get secret data from provider/),
  needs(
    "KeysOfSecretsByAlias",
    rotate,
    /shop\/key: sync: .*SecretSyncedError: could not get secret data from provider/,
  ),
];

describe("the roles of a stack, with IAM enforced", function () {
  this.timeout(600_000);
  let guarded: Guarded;
  let rotator: Identity;
  let restorer: Identity;
  /** Key of a backup. */
  let backup: string;
  before(async () => {
    guarded = await startGuarded();
    rotator = await guarded.assume(rotation, stack);
    restorer = await guarded.assume(restore, `${stack}-restore`);
  });
  after(() => guarded?.stop());

  async function succeeds(as: Identity, ...args: string[]): Promise<Finished> {
    const finished = await guarded.driver(as, ...args);
    assert.equal(finished.code, 0, `${args.join(" ")}:\n${finished.stdout}\n${finished.stderr}`);
    return finished;
  }
  async function documentOf(RoleName: string, PolicyName: string): Promise<PolicyDocument> {
    const { PolicyDocument = "" } = await guarded.admin.iam.getRolePolicy({ RoleName, PolicyName });
    return JSON.parse(decodeURIComponent(PolicyDocument));
  }
  /** Runs it while the policy lacks a statement. */
  async function fails(RoleName: string, PolicyName: string, as: Identity, { sid, command, says, exits }: Needed) {
    const put = (document: PolicyDocument) =>
      guarded.admin.iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument: JSON.stringify(document) });
    const document = await documentOf(RoleName, PolicyName);
    const Statement = document.Statement.filter(({ Sid }) => Sid !== sid);
    assert.equal(Statement.length, document.Statement.length - 1, `${RoleName} has no ${sid}`);
    await put({ ...document, Statement });
    const args = command.map((word) => (word === "KEY" ? backup : word));
    const { code, stdout, stderr } = await guarded.driver(as, ...args).finally(() => put(document));
    assert.match(`${stdout}${stderr}`, says);
    if (exits === 0) assert.equal(code, 0);
    else assert.notEqual(code, 0);
  }
  const sidsOf = async (role: string, policy: string) =>
    (await documentOf(role, policy)).Statement.map(({ Sid }) => Sid);

  it("are what the policy pack takes for least privilege", async () => {
    const { output } = await guarded.folder.pulumi("preview", "--stack", stack, "--policy-pack", packFolder);
    assert.match(output, /secret-rotation@v/);
    assert.doesNotMatch(output, /rotation-access-least-privilege/);
  });

  it("suffice for every command", async () => {
    for (const args of [
      ["status"],
      ["permissions"],
      ["permissions", "--for", "kubernetes"],
      ["rotate", "--all", "--dry-run"],
      ["rotate", "--all"],
      ["rotate", "shop/key"],
      ["check"],
      ["verify", "shop/key"],
      ["backup"],
      ["history"],
      ["rotate", "shop/uploader", "--emergency", "--yes"],
      // The last backup is of this one.
      ["rollback", "shop/key"],
    ]) {
      await succeeds(rotator, ...args);
    }
    const { stdout } = await succeeds(restorer, "backups", "--json");
    const { backups } = JSON.parse(stdout) as { backups: { key: string }[] };
    backup = backups[0]?.key ?? "";
    await succeeds(restorer, "restore", "--backup", backup, "shop/key");
  });

  describe("without one statement of", () => {
    for (const [role, policy, as, table] of [
      [rotation, "rotation", () => rotator, rotating],
      [restore, "restore", () => restorer, restoring],
      [operator, "reading", () => rotator, reading],
    ] as const) {
      it(`${role}: each is in the table`, async () => {
        const sids = table.map(({ sid }) => sid);
        assert.deepEqual((await sidsOf(role, policy)).filter((sid) => sid !== "Metrics").sort(), sids.sort());
      });
      for (const one of table) {
        it(`${role}: ${one.sid}, ${one.command.join(" ")} fails`, () => fails(role, policy, as(), one));
      }
    }
  });

  it("and the Kubernetes Role: without a rule the rotation names what is missing", async () => {
    for (const [resource, verb] of [
      ["secrets", "get"],
      ["externalsecrets", "patch"],
      ["deployments", "patch"],
    ] as const) {
      const restored = await guarded.withoutRule(resource, verb);
      const { code, stderr } = await guarded.driver(rotator, ...rotate).finally(restored);
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`the kubeconfig's user may not ([a-z, ]+)?${verb}[a-z, ]* ${resource}[^;]* in ${stack}`),
      );
    }
  });

  it("reach no secret of another environment, no metrics and no consumers of others", async () => {
    for (const { credentials } of [rotator, restorer]) {
      const client = { ...guarded.client, credentials };
      const secretsManager = new SecretsManager(client);
      for (const SecretId of [strange, `${stack}/shop/strange`]) {
        for (const call of [
          () => secretsManager.getSecretValue({ SecretId }),
          () => secretsManager.describeSecret({ SecretId }),
          () => secretsManager.putSecretValue({ SecretId, SecretString: "x" }),
        ]) {
          await assert.rejects(call(), { name: "AccessDeniedException" });
        }
      }
      await assert.rejects(secretsManager.deleteSecret({ SecretId: `${stack}/shop/key` }), {
        name: "AccessDeniedException",
      });
      const [ecs, lambda] = [new ECS(client), new Lambda(client)];
      for (const call of [
        () => ecs.updateService({ cluster: stack, service: "other", forceNewDeployment: true }),
        () => ecs.updateService({ cluster: "other", service: "web", forceNewDeployment: true }),
        () => lambda.updateFunctionConfiguration({ FunctionName: "other", Timeout: 2 }),
      ]) {
        await assert.rejects(call(), { name: "AccessDeniedException" });
      }
      const metrics = new CloudWatch(client);
      const MetricData = [{ MetricName: "RotationSuccess", Value: 1 }];
      await metrics.putMetricData({ Namespace: "SecretRotation", MetricData });
      await assert.rejects(metrics.putMetricData({ Namespace: "Other", MetricData }));
    }
  });

  it("are taken by jobs of their own GitHub environment alone", async () => {
    for (const [role, environment] of [
      [rotation, "staging"],
      [rotation, `${stack}-restore`],
      [restore, stack],
      [operator, stack],
    ] as const) {
      await assert.rejects(guarded.assume(role, environment), { name: "AccessDenied" }, `${role} from ${environment}`);
    }
  });

  describe("and all that was done", () => {
    /** A rotation that comes after a change of the declaration, and the policies' `verify: live`. */
    const rarely = ["secretsmanager:ListSecretVersionIds", "secretsmanager:UpdateSecret"];

    it("used every action that they have, but for what is rarely needed", async () => {
      const used = new Set(guarded.used().map(({ action }) => action));
      const all = Object.entries(policiesOf).flatMap(([role, names]) => names.map((name) => documentOf(role, name)));
      const documents = await Promise.all(all);
      const actions = documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
      const unused = [...new Set(actions)].filter((action) => !used.has(action));
      assert.deepEqual(unused.sort(), rarely);
    });
  });
});
