import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { auditSchema } from "../../infra/config/auditSchema";
import { historyOf } from "../../rotation/audit/history";
import { placesOf } from "../../rotation/audit/places";
import { parseRecord } from "../../rotation/audit/record";
import { StackLockedError } from "../../rotation/errors";
import { realPorts } from "../../rotation/ports";
import { cli } from "./cli";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

const bucket = "audit-trail";
const logGroupName = "/secret-rotation/audit";
const declared = { s3: { bucket }, cloudWatchLogs: { logGroup: logGroupName }, file: "audit/trail.jsonl" };
const secrets = ["one", "two"].map((name) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: "audit", name: "web", takes: "env" }],
}));

describe("the audit trail", function () {
  this.timeout(120_000);
  let project: Project;
  let logs: CloudWatchLogsClient;
  const ports = () => realPorts({ region });
  const live = async (name: string) => {
    const found = await ports().secretsManager.describe(`audit/${name}`);
    assert.ok(found);
    return found;
  };
  const history = (audit: object) =>
    historyOf(placesOf(auditSchema.parse(audit), ports(), project.folder), {
      environment: "audit",
      name: undefined,
      limit: 100,
    });

  /** The runs that all three places agree on, the newest first. */
  async function trail() {
    const { s3, cloudWatchLogs, file } = declared;
    const found = await Promise.all([{ s3 }, { cloudWatchLogs }, { file }].map(history));
    const [first, ...others] = found.map(({ runs }) => runs);
    for (const other of others) assert.deepEqual(other, first);
    return first ?? [];
  }

  before(async () => {
    project = await createProject("audit", { "secret-rotation:audit": declared });
    const cluster = workloads();
    await cluster.createNamespace("audit");
    await cluster.deploy("audit", "web");
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await new S3Client({ region }).send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
    logs = new CloudWatchLogsClient({ region });
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    project.declare(secrets);
    await project.up();
    assert.deepEqual(await trail(), []);
  });
  after(() => project.remove());

  it("has a rotation in every place, and the Secret's tag names its run", async () => {
    const result = await project.rotate(["one", "two"]);
    const [record, ...older] = await trail();
    assert.ok(record);
    assert.deepEqual(older, []);
    const { state, command, result: ended, trigger, environment, runId } = record;
    assert.deepEqual(
      [state, command, ended, trigger, environment],
      ["ended", "rotate", "ok", process.env.GITHUB_EVENT_NAME ?? "manual", "audit"],
    );
    assert.match(record.actor.awsIdentity ?? "", /^arn:aws:/);
    assert.deepEqual([runId, (await live("one")).tags["rotated-by"]], [result.runId, result.runId]);
    assert.deepEqual(
      record.secrets.map(({ name, outcome, newVersionId }) => [name, outcome, newVersionId]),
      result.secrets.map(({ secret, outcome, newVersionId }) => [secret, outcome, newVersionId]),
    );
    for (const { seconds } of record.secrets) assert.ok(seconds.create !== undefined && (seconds.settle ?? 0) > 0);
  });

  it("has two objects a run in S3, which nobody can write over by a put that says so", async () => {
    const keys = await ports().s3.keys(bucket, "secret-audit/audit/");
    assert.equal(keys.length, 2);
    assert.match(keys[0] ?? "", /\/audit\/\d{8}T\d{6}\.\d{3}Z-[-0-9a-f]{36}-ended\.json$/);
    assert.match(keys[1] ?? "", /-started\.json$/);
    await assert.rejects(ports().s3.create(bucket, keys[0] ?? "", "{}"), { name: "PreconditionFailed" });
  });

  it("tells a rollback, also one that is refused, and the step and code of a failure", async () => {
    const rollback = { to: undefined };
    assert.equal((await project.rotate(["one"], { rollback })).recorded, true);
    assert.equal((await trail())[0]?.secrets[0]?.error?.code, "NOTHING_TO_ROLL_BACK");
    await project.rotate(["one"]);
    await project.rotate(["one"], { rollback });
    const real = ports().secretsManager;
    const moveCurrent = () => Promise.reject(Object.assign(new Error("made to fail"), { name: "InternalFailure" }));
    await project.rotate(["one"], { ports: { secretsManager: { ...real, moveCurrent } } });
    const [failed, back] = await trail();
    assert.deepEqual([back?.command, back?.result, back?.secrets[0]?.outcome], ["rollback", "ok", "rolled back"]);
    assert.deepEqual([failed?.result, failed?.secrets[0]?.outcome], ["failed", "failed"]);
    const message = "one: finish: InternalFailure: made to fail";
    const hint = "run the same command again: it goes on where this one stopped";
    assert.deepEqual(failed?.secrets[0]?.error, { code: "AWS_FAILED", step: "finish", message, hint });
    assert.equal(only(await project.rotate(["one"])).outcome, "resumed");
  });

  it("has no value in any place", async () => {
    const values = await Promise.all(
      ["one", "two"].flatMap((name) =>
        live(name).then(({ stages }) =>
          Promise.all(Object.keys(stages).map((id) => ports().secretsManager.value(`audit/${name}`, id))),
        ),
      ),
    );
    const texts = [readFileSync(join(project.folder, declared.file), "utf8")];
    for (const key of await ports().s3.keys(bucket, "")) texts.push(await ports().s3.read(bucket, key));
    for await (const stream of ports().cloudWatchLogs.streams(logGroupName, "")) {
      texts.push(...(await ports().cloudWatchLogs.messages(logGroupName, stream)));
    }
    assert.equal(texts.filter((text) => text.includes('"rolled back"')).length, 3);
    for (const value of values.flat()) {
      assert.equal(value?.length, 48);
      assert.ok(!texts.some((text) => text.includes(value)));
    }
  });

  it("tells a run that finds the stack locked; one whose end it cannot take ends with 1 and says it on stderr", async () => {
    const operator = (await useSandbox()).part("external-secrets");
    operator.pause();
    const first = cli(project.folder, "rotate", "one", "--stack", "audit", "--reason", "key seen in a log");
    try {
      // It holds the stack until the operator goes on.
      await first.says("one: sync");
      await assert.rejects(project.rotate(["two"]), StackLockedError);
      const [locked, underWay] = await trail();
      assert.deepEqual([locked?.result, locked?.secrets[0]?.outcome], ["locked", undefined]);
      assert.deepEqual([underWay?.state, underWay?.reason], ["started", "key seen in a log"]);
      await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    } finally {
      operator.resume();
    }
    const { code, stdout, stderr } = await first.finished;
    assert.equal(code, 1, stderr);
    assert.match(stdout, /one .* rotated/);
    assert.match(stderr, /the audit trail cannot be written: log group .*ResourceNotFoundException/);
    const said = parseRecord(stderr.split("\n").find((line) => line.startsWith("{")) ?? "");
    assert.equal(said?.result, "ok");
    const { runs } = await history({ s3: declared.s3 });
    assert.deepEqual(runs[1], said);
  });

  it("that cannot be written lets no run begin, and says so where it can", async () => {
    const before = [await live("one"), await live("two")];
    const { code, stderr } = await cli(project.folder, "rotate", "--type", "all", "--stack", "audit").finished;
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /the audit trail cannot be written: log group .*ResourceNotFoundException.*; nothing was changed/,
    );
    assert.deepEqual([await live("one"), await live("two")], before);
    // The first place that can be read is taken.
    const { place, runs, remarks } = await history({ cloudWatchLogs: declared.cloudWatchLogs, file: declared.file });
    assert.equal(place, join(project.folder, declared.file));
    assert.match(remarks[0] ?? "", /cannot be read: log group/);
    assert.deepEqual([runs[0]?.result, runs[0]?.error?.name], ["failed", "AuditError"]);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
  });

  it("shows a run that was killed as started and not ended", async () => {
    const killed = cli(project.folder, "rotate", "two", "--stack", "audit");
    await killed.says("two: create");
    killed.child.kill("SIGKILL");
    await killed.finished;
    const shown = (...args: string[]) => cli(project.folder, "history", "--stack", "audit", ...args).finished;
    const [all, ofOne, json] = await Promise.all([shown(), shown("one", "--limit", "2"), shown("--json", "two")]);
    assert.deepEqual([all.code, ofOne.code, json.code], [0, 0, 0]);
    const [, , newest = ""] = all.stdout.split("\n");
    assert.match(newest, /manual .* rotate .* two .* started, not ended/);
    assert.match(all.stdout, /rollback .* one .* rolled back/);
    assert.match(all.stdout, /one .* failed at finish: AWS_FAILED/);
    assert.match(all.stdout, /key seen in a log/);
    assert.doesNotMatch(ofOne.stdout, / two /);
    assert.equal(ofOne.stdout.split("\n").filter((line) => line.includes(" one ")).length, 2);
    const [record] = JSON.parse(json.stdout).runs;
    assert.deepEqual([record.state, record.result], ["started", undefined]);
  });
});
