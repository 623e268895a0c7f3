import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteBucketPolicyCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { parseRecord } from "../../rotation/audit/record";
import { backupOf } from "../../rotation/backup/openBackup";
import { BackupError } from "../../rotation/errors";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { openStack } from "../../rotation/stack/openStack";
import { cli } from "./cli";
import { createProject, type Project, region } from "./project";
import { workloads } from "./workloads";

const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["backup"] },
});

describe("the backup before a run", function () {
  this.timeout(120_000);
  const bucket = "secret-rotation-backup-test";
  const settings = {
    "secret-rotation:backup": { bucket, retentionDays: 9 },
    "secret-rotation:audit": { file: "audit.jsonl" },
  };
  let project: Project;
  let s3: S3Client;
  const manager = () => realPorts({ region }).secretsManager;
  const current = async (name: string) => {
    const found = await manager().describe(`backup/${name}`);
    const versionId = (found && versionWith("AWSCURRENT", found)) ?? "";
    return { versionId, value: (await manager().value(`backup/${name}`, versionId)) ?? "" };
  };
  const objects = async () => (await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }))).Versions ?? [];
  const rotateOk = async (...names: string[]) => {
    const run = await project.rotate(names);
    assert.deepEqual(
      run.secrets.flatMap(({ error }) => error?.message ?? []),
      [],
    );
    return run;
  };

  before(async () => {
    project = await createProject("backup", settings);
    s3 = new S3Client({ region });
    await workloads().createNamespace("backup");
    project.declare([secret("one"), secret("two")]);
    await project.up();
  });
  after(() => project.remove());

  it("is not made of secrets that have no value yet", async () => {
    assert.equal((await rotateOk("one")).backup, undefined);
    assert.deepEqual(await objects(), []);
  });

  it("holds what has a value, encrypted by the driver and by S3, with nothing of the value in it", async () => {
    const { versionId, value } = await current("one");
    const { runId, backup: Key = "" } = await rotateOk("one", "two");
    assert.match(Key, /^secret-backups\/backup\/\d{8}T\d{6}\.\d{3}Z-[0-9a-f-]{36}\.json\.encrypted$/);
    assert.ok(Key.includes(runId));
    const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    assert.equal(found.ServerSideEncryption, "aws:kms");
    assert.equal(found.SSEKMSKeyId, await realPorts({ region }).kms.keyArn("alias/secret-backups-backup"));
    const text = (await found.Body?.transformToString()) ?? "";
    const { secrets, ...header } = JSON.parse(text);
    assert.deepEqual([header.environment, header.stack, header.run], ["backup", "backup", runId]);
    assert.deepEqual(
      secrets.map((s: { secret: string; versionId: string }) => [s.secret, s.versionId]),
      [["one", versionId]],
    );
    const inside = [text, Buffer.from(secrets[0].message, "base64").toString("latin1")];
    for (const form of [value, Buffer.from(value).toString("base64"), Buffer.from(value).toString("hex")]) {
      assert.ok(form.length > 20 && inside.every((one) => !one.includes(form)));
    }
  });

  it("that cannot be written stops the run before anything is touched", async () => {
    const before = await Promise.all(["one", "two"].map((name) => manager().describe(`backup/${name}`)));
    const statement = { Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/*` };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    try {
      await assert.rejects(project.rotate(["one", "two"]), (error: Error) => {
        assert.ok(error instanceof BackupError, error.stack);
        assert.match(
          error.message,
          /cannot be written \(s3:\/\/.*; nothing was changed\. the driver needs .*s3:PutObject/,
        );
        return true;
      });
    } finally {
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    }
    assert.deepEqual(await Promise.all(["one", "two"].map((name) => manager().describe(`backup/${name}`))), before);
    assert.equal((await objects()).length, 1);
  });

  it("is never overwritten", async () => {
    const [{ Key = "" } = {}] = await objects();
    await assert.rejects(realPorts({ region }).s3.create(bucket, Key, "other"), { name: "PreconditionFailed" });
    assert.equal((await objects()).length, 1);
  });

  it("can be asked for, and is refused where the stack declares none", async () => {
    const { versionId } = await current("one");
    const args = ["one", "--stack", "backup", "--reason", "before the upgrade", "--json"];
    const { code, stdout, stderr } = await cli(project.folder, "backup", ...args).finished;
    assert.equal(code, 0, stderr);
    const { backup, secrets } = JSON.parse(stdout);
    assert.deepEqual(secrets, [{ secret: "one", versionId }]);
    assert.ok((await objects()).some(({ Key }) => Key === backup));
    // It is on record, as a run that replaced nothing.
    const [started, ended] = readFileSync(join(project.folder, "audit.jsonl"), "utf8").trim().split("\n").slice(-2);
    assert.deepEqual(parseRecord(started ?? "")?.state, "started");
    const { command, result, reason, backup: key, secrets: recorded } = parseRecord(ended ?? "") ?? {};
    assert.deepEqual([command, result, reason, key], ["backup", "ok", "before the upgrade", backup]);
    const [{ name, outcome, oldVersionId, newVersionId }] = recorded as [NonNullable<typeof recorded>[number]];
    assert.deepEqual([name, outcome, oldVersionId, newVersionId], ["one", "backed up", versionId, undefined]);
    const { config } = await openStack("backup", project.folder);
    assert.throws(() => backupOf({ ...config, backup: undefined }), /Pulumi.backup.yaml declares no backup: add /);
  });

  it("a value that is no text is refused, and holds up no other", async () => {
    const aws = new SecretsManagerClient({ region });
    await aws.send(new PutSecretValueCommand({ SecretId: "backup/two", SecretBinary: Buffer.from("binary") }));
    const { versionId } = await current("one");
    const before = await manager().describe("backup/two");
    const { secrets, backup } = await project.rotate(["one", "two"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => [outcome, error?.code, error?.step]),
      [
        ["rotated", undefined, undefined],
        ["failed", "SECRET_MALFORMED", "check"],
      ],
    );
    assert.deepEqual([secrets[0]?.oldVersionId, typeof backup], [versionId, "string"]);
    assert.deepEqual(await manager().describe("backup/two"), before);
  });

  it("leaves the bucket itself to pulumi up: a rotation applies nothing that was declared for it", async () => {
    const days = async () => {
      const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
      return Rules?.[0]?.Expiration?.Days;
    };
    settings["secret-rotation:backup"].retentionDays = 5;
    project.declare([secret("one"), secret("two")]);
    await rotateOk("one");
    assert.equal(await days(), 9);
    assert.deepEqual(await project.up(), ["update BucketLifecycleConfiguration backups"]);
    assert.equal(await days(), 5);
  });
});
