import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { evaluateSecret } from "../../policies/rules";
import { realPorts } from "../../rotation/ports";
import { openStack } from "../../rotation/stack/openStack";
import { isDue, statusOf } from "../../rotation/status/status";
import { verify } from "../../rotation/status/verification";
import { waitFor } from "../sandbox/process/waitFor";
import { cli } from "./cli";
import { clockAfter } from "./later";
import { createProject, only, type Project, region } from "./project";
import { begunByAws, putFirst, rotatedByAws, rotationFunction } from "./rotationFunction";
import { type Workloads, workloads } from "./workloads";

const stack = "native";
const secret = `${stack}/partner`;
const _hour = 3_600_000;
const value = (key: string) => JSON.stringify({ key });
/** As somebody who looks so many hours later. */

describe("a secret that AWS rotates", function () {
  this.timeout(600_000);
  let project: Project;
  let cluster: Workloads;
  let lambda: string;
  let pending: string;
  const describeSecret = (SecretId = secret) =>
    new SecretsManagerClient({ region }).send(new DescribeSecretCommand({ SecretId }));
  const declared = (more: object = {}) => ({
    name: "partner",
    kind: "api-key",
    strategy: "native",
    native: { lambda, automaticallyAfter: "30d" },
    externalSecret: { target: "partner", keys: [{ key: "KEY", property: "key" }], refreshInterval: "1h" },
    consumers: [{ namespace: stack, name: "web", takes: "env" }],
    ...more,
  });
  const looked = async (hours = 0) => {
    const { config } = await openStack(stack, project.folder);
    const ports = { ...realPorts({ region }), clock: clockAfter(hours) };
    const [status] = await statusOf(config, ports, {}, 86_400);
    const [first] = config.secrets;
    assert.ok(status && first);
    return { status, verification: await verify(first, config, ports) };
  };
  const messages = async (hours = 0) => (await looked(hours)).verification.problems.map(({ message }) => message);

  before(async () => {
    project = await createProject(stack);
    lambda = await rotationFunction(stack);
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web", { env: { name: "KEY", secret: "partner", key: "KEY" } });
    project.declare([declared()]);
    await project.up();
  });
  after(() => project.remove());

  it("gets its rotation with its first value, and is not rotated by that", async () => {
    assert.equal((await describeSecret()).RotationEnabled, undefined);
    const first = await putFirst(secret, value("one"));
    assert.deepEqual(await project.up(), ["create SecretRotation partner"]);
    const found = await describeSecret();
    assert.deepEqual([found.RotationEnabled, found.RotationLambdaARN], [true, lambda]);
    assert.equal(found.RotationRules?.AutomaticallyAfterDays, 30);
    assert.deepEqual(found.VersionIdsToStages?.[first], ["AWSCURRENT"], "the value is as it was");
    assert.deepEqual(await project.up({ refresh: true }), []);
  });

  it("a first run brings what is current to its consumers, and stamps it; a second one says that AWS has not rotated since", async () => {
    assert.equal(only(await project.rotate(["partner"])).outcome, "followed");
    assert.equal((await cluster.secretData(stack, "partner")).KEY, "one");
    assert.deepEqual(await messages(), []);
    const again = only(await project.rotate(["partner"]));
    assert.deepEqual([again.outcome, again.error?.code], ["failed", "STRATEGY_UNAVAILABLE"]);
    assert.match(again.error?.message ?? "", /AWS has not rotated it since/);
    assert.deepEqual(await project.up(), []);
  });

  it("a rotation by AWS is due, and not verified, until a run has followed it; then it is stamped with its own date", async () => {
    const rollouts = await cluster.rollouts(stack, "web");
    const version = await rotatedByAws(secret, value("two"), randomUUID());
    const { status, verification } = await looked();
    assert.deepEqual([status.state, isDue(status), verification.verified], ["unverified", true, false]);
    assert.match(verification.problems[0]?.message ?? "", /AWS has rotated it, and no run has followed yet/);
    const run = cli(project.folder, "rotate", "--due", "--stack", stack, "--json");
    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 0, stderr);
    const [result] = JSON.parse(stdout).secrets;
    assert.deepEqual([result.outcome, result.newVersionId], ["followed", version]);
    assert.equal((await cluster.secretData(stack, "partner")).KEY, "two");
    assert.equal(await cluster.rollouts(stack, "web"), rollouts + 1, "restarted once");
    const { Tags = [], VersionIdsToStages = {} } = await describeSecret();
    const tags = Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    const writtenAt = await realPorts({ region }).secretsManager.createdAt(secret, version);
    assert.deepEqual([tags["rotated-version"], tags["rotated-at"]], [version, writtenAt?.toISOString()]);
    assert.equal(tags["rotated-by"], JSON.parse(stdout).runId);
    assert.deepEqual(VersionIdsToStages[version], ["AWSCURRENT"], "no label was moved");
    const after = await looked();
    assert.deepEqual([after.status.state, after.verification.problems], ["ok", []]);
    const judged = evaluateSecret(
      { name: secret, tags },
      { now: clockAfter(24 * 100).now(), stack, environment: stack },
    );
    assert.deepEqual(
      judged.map(({ policy }) => policy),
      ["secret-max-age"],
      "its tags say its age",
    );
    assert.deepEqual(await project.up(), []);
  });

  it("restarts nothing that runs with the new version already", async () => {
    await rotatedByAws(secret, value("three"), randomUUID());
    const { kubernetes, random } = realPorts({ region });
    await kubernetes.readAgain(stack, "partner", random(8).toString("hex"));
    const isSynced = async () => (await cluster.secretData(stack, "partner")).KEY === "three";
    await waitFor("External Secrets to read", isSynced, { timeoutMs: 60_000, intervalMs: 100 });
    assert.match((await messages()).join(), /Deployment native\/web: has pods that began before/);
    // A second later than the content, as the API server's times are whole seconds.
    const content = (await kubernetes.secret(stack, "partner"))?.contentSince?.getTime() ?? 0;
    const isLater = async () => Date.now() >= content + 2000;
    await waitFor("the next second", isLater, { timeoutMs: 60_000, intervalMs: 100 });
    await cluster.restart(stack, "web");
    await cluster.rolledOut(stack, "web");
    assert.match((await messages()).join(), /^AWS has rotated it, and no run has followed yet$/);
    const rollouts = await cluster.rollouts(stack, "web");
    assert.equal(only(await project.rotate(["partner"])).outcome, "followed");
    assert.equal(await cluster.rollouts(stack, "web"), rollouts);
    assert.deepEqual(await messages(), []);
  });

  it("a rotation that AWS has not brought to its end is told, with what to do, after an hour", async () => {
    pending = await begunByAws(secret, value("four"), randomUUID());
    assert.deepEqual(await messages(), [], "it may be under way");
    const { status, verification } = await looked(2);
    assert.ok(isDue(status));
    const [problem] = verification.problems;
    assert.match(problem?.message ?? "", new RegExp(`AWS's rotation has not ended: version ${pending} is AWSPENDING`));
    assert.match(
      problem?.hint ?? "",
      new RegExp(`aws logs tail /aws/lambda/${stack}; .*--remove-from-version-id ${pending}`),
    );
    const failed = only(await project.rotate(["partner"], { ports: { clock: clockAfter(2) } }));
    assert.deepEqual([failed.outcome, failed.error?.code], ["failed", "AWS_ROTATION_FAILED"]);
    assert.equal((await cluster.secretData(stack, "partner")).KEY, "three");
  });

  it("a date of the next rotation that has passed is told too", async () => {
    await rotatedByAws(secret, value("four"), pending);
    assert.equal(only(await project.rotate(["partner"])).outcome, "followed");
    const [problem] = (await looked(24 * 31)).verification.problems;
    assert.match(problem?.message ?? "", /AWS was to rotate it by .*, and has not/);
  });

  it("without a function is one that AWS manages at its partner: of its type, by a role, with what the partner wants to know", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/rotate-crm";
    const external = { type: "SalesforceClientSecret", roleArn, metadata: { apiVersion: "v65.0" } };
    const crm = {
      ...{ name: "crm", kind: "app", strategy: "native" },
      native: { external, schedule: "cron(0 2 1 * ? *)", window: "3h" },
      externalSecret: { target: "crm", keys: [{ key: "KEY" }], namespaces: [stack] },
    };
    project.declare([declared(), crm]);
    await project.up();
    const first = await putFirst(`${stack}/crm`, "one");
    assert.deepEqual(await project.up(), ["create SecretRotation crm"]);
    const found = await describeSecret(`${stack}/crm`);
    assert.deepEqual([found.Type, found.RotationEnabled, found.RotationLambdaARN], [external.type, true, undefined]);
    assert.deepEqual(found.ExternalSecretRotationMetadata, [{ Key: "apiVersion", Value: "v65.0" }]);
    assert.equal(found.ExternalSecretRotationRoleArn, roleArn);
    assert.deepEqual(found.RotationRules, { ScheduleExpression: "cron(0 2 1 * ? *)", Duration: "3h" });
    assert.deepEqual(found.VersionIdsToStages, { [first]: ["AWSCURRENT"] }, "setting it writes no value");
    assert.deepEqual(await project.up({ refresh: true }), []);
    await rotatedByAws(`${stack}/crm`, "two", randomUUID());
    assert.equal(only(await project.rotate(["crm"])).outcome, "followed");
    assert.equal((await cluster.secretData(stack, "crm")).KEY, "two");
    const migrated = await cli(project.folder, "migrate", "crm", "--to", "driver", "--yes", "--stack", stack).finished;
    assert.equal(migrated.code, 2, migrated.stdout + migrated.stderr);
    assert.match(
      migrated.stderr,
      /crm: it has the type SalesforceClientSecret, and AWS never changes the type of a secret; nothing was changed/,
    );
  });

  it("of two that would rotate it one is refused: AWS's rotation goes with its declaration", async () => {
    const { native: _, strategy: __, ...driven } = declared();
    const own = { ...driven, kind: "app", externalSecret: { target: "partner", keys: [{ key: "KEY" }] } };
    project.declare([own]);
    const stopped = only(await project.rotate(["partner"]));
    assert.equal(stopped.error?.code, "NOT_PROVISIONED");
    assert.match(stopped.error?.message ?? "", /the stack still has AWS's rotation of partner/);
  });
});
