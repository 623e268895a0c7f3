import assert from "node:assert/strict";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import type { StackConfig } from "../../infra/config/stackConfig";
import { openBackup } from "../../rotation/backup/openBackup";
import { BackupError, UsageError } from "../../rotation/errors";
import { type Ports, realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { RunResult } from "../../rotation/result";
import { openStack } from "../../rotation/stack/openStack";
import { asSuperuser } from "../sandbox/testing/superuser";
import { cli } from "./cli";
import { isRefused, logIn, logsIn } from "./postgres";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const bucket = "secret-rotation-restore-drill";
const secret = (name: string, more: object) => ({
  name,
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["restore"] },
  ...more,
});
const database = {
  dbname: "shop",
  superuserSecret: "dev/postgres/superuser",
  tls: "disable",
  gracePeriod: "0s",
  drainTimeout: "0s",
};
const declared = [
  secret("key", { kind: "app", consumers: [{ namespace: "restore", name: "web", takes: "env" }] }),
  secret("signing", { kind: "jwt" }),
  secret("sole", {
    kind: "database",
    strategy: "single-user",
    database: { ...database, roles: ["rs_sole"], adopt: true },
  }),
  secret("pair", { kind: "database", database: { ...database, roles: ["rs_a", "rs_b"], groupRole: "rs_group" } }),
];
const names = declared.map(({ name }) => name);
type Move = Parameters<Ports["secretsManager"]["moveCurrent"]>;
type Values = Readonly<Record<string, string>>;

describe("a restore", function () {
  this.timeout(180_000);
  let project: Project;
  let cluster: Workloads;
  let s3: S3Client;
  /** What each secret held after the first, the second and the third rotation. */
  const generations: Values[] = [];
  /** Key of the backup of the first generation, and of the one that the drill's restore replaced. */
  let [first, replaced] = ["", ""];

  const manager = () => realPorts({ region }).secretsManager;
  const describeAll = () => Promise.all(names.map((name) => manager().describe(`restore/${name}`)));
  const value = async (name: string, stage = "AWSCURRENT") => {
    const found = await manager().describe(`restore/${name}`);
    return (await manager().value(`restore/${name}`, (found && versionWith(stage, found)) ?? "")) ?? "";
  };
  const values = async (): Promise<Values> =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await value(name)])));
  const outcomes = ({ secrets }: RunResult) =>
    Object.fromEntries(secrets.map(({ secret: name, outcome, error }) => [name, error?.message ?? outcome]));
  const all = (outcome: string) => Object.fromEntries(names.map((name) => [name, outcome]));
  const object = async (Key: string) =>
    (await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString()) ?? "";

  before(async () => {
    project = await createProject("restore", { "secret-rotation:backup": { bucket } });
    s3 = new S3Client({ region });
    cluster = workloads();
    await cluster.createNamespace("restore");
    await cluster.deploy("restore", "web");
    await asSuperuser(`CREATE ROLE rs_group NOLOGIN; CREATE ROLE rs_sole LOGIN;
      GRANT CONNECT ON DATABASE shop TO rs_group, rs_sole;
      GRANT rs_group, rs_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare(declared);
    await project.up();
    for (const generation of [1, 2, 3]) {
      const run = await project.rotate(names);
      assert.deepEqual(outcomes(run), all("rotated"));
      generations.push(await values());
      if (generation === 2) first = run.backup ?? "";
    }
  });
  after(() => project.remove());

  it("is previewed, and the backups are listed without decrypting them", async () => {
    const before = await describeAll();
    const listed = await cli(project.folder, "backups", "--stack", "restore", "--limit", "1", "--json").finished;
    const page = JSON.parse(listed.stdout);
    assert.equal(page.backups.length, 1, listed.stderr);
    assert.notEqual(page.backups[0].key, first);
    const next = await cli(project.folder, "backups", "--stack", "restore", "--before", page.before, "--json").finished;
    const { backups, before: more } = JSON.parse(next.stdout);
    assert.deepEqual([backups.length, backups[0].key, more], [1, first, undefined]);
    assert.deepEqual(
      backups[0].secrets.map(({ secret: name }: { secret: string }) => name),
      names,
    );
    const args = ["--backup", first, "--stack", "restore", "--dry-run", "--json"];
    const preview = await cli(project.folder, "restore", "key", "signing", ...args).finished;
    const { secrets } = JSON.parse(preview.stdout);
    assert.deepEqual([preview.code, secrets[0].mode, secrets[0].writesVersion], [0, "restore", true], preview.stderr);
    assert.deepEqual(secrets[0].restarts, ["Deployment restore/web"]);
    assert.deepEqual([secrets[1].syncs, secrets[1].restarts], [["restore"], []]);
    assert.deepEqual(await describeAll(), before);
  });

  it("brings every strategy's value back: the database takes it, Kubernetes holds it, the workload restarts", async () => {
    const [v1 = {}, , v3 = {}] = generations;
    await isRefused(v1.sole);
    await isRefused(v1.pair);
    const rollouts = await cluster.rollouts("restore", "web");
    const run = await project.rotate(names, { restore: first });
    assert.deepEqual(outcomes(run), all("restored"));
    replaced = run.backup ?? "";
    const now = await values();
    assert.deepEqual([now.key, now.sole, now.pair], [v1.key, v1.sole, v1.pair]);
    // What was signed meanwhile verifies on.
    const [key1, key3] = [v1.signing, v3.signing].map((text = "") => JSON.parse(text).current);
    assert.deepEqual(JSON.parse(now.signing ?? ""), { current: key1, previous: key3 });
    await Promise.all([logsIn(v1.sole), logsIn(v1.pair)]);
    await isRefused(v3.sole);
    for (const name of names) assert.deepEqual(await cluster.secretData("restore", name), { KEY: now[name] });
    assert.equal(await cluster.rollouts("restore", "web"), rollouts + 1);
    assert.deepEqual(await project.up(), []);
  });

  it("skips what is equal already", async () => {
    const before = await describeAll();
    const run = await project.rotate(names, { restore: first });
    assert.deepEqual([outcomes(run), run.backup], [all("unchanged"), undefined]);
    assert.deepEqual(await describeAll(), before);
  });

  it("can be rolled back, where the credential before it is not gone", async () => {
    const [, , v3 = {}] = generations;
    const run = await project.rotate(names, { rollback: { to: undefined } });
    const { pair, ...others } = outcomes(run);
    assert.deepEqual(others, { key: "rolled back", signing: "rolled back", sole: "rolled back" });
    assert.match(pair ?? "", /has another password by now/);
    const now = await values();
    assert.deepEqual([now.key, now.sole], [v3.key, v3.sole]);
    await logsIn(v3.sole);
  });

  it("after a restore brings back what that one replaced", async () => {
    const [, , v3 = {}] = generations;
    const run = await project.rotate(names, { restore: replaced });
    assert.deepEqual(outcomes(run), { ...all("unchanged"), pair: "restored" });
    assert.equal(await value("pair"), v3.pair);
    await logsIn(v3.pair);
  });

  it("that was interrupted goes on with the version that it has written", async () => {
    const [v1 = {}, , v3 = {}] = generations;
    const cut = () => Promise.reject(new Error("cut"));
    const before = { ...manager(), moveCurrent: cut };
    const after = {
      ...manager(),
      moveCurrent: (...move: Move) =>
        manager()
          .moveCurrent(...move)
          .then(cut),
    };
    for (const [secretsManager, backup, wanted] of [
      [before, first, v1.key],
      [after, replaced, v3.key],
    ] as const) {
      const failed = only(await project.rotate(["key"], { restore: backup, ports: { secretsManager } }));
      assert.equal(failed.error?.step, "finish");
      const done = only(await project.rotate(["key"], { restore: backup }));
      assert.deepEqual([done.outcome, done.newVersionId], ["resumed", failed.newVersionId]);
      assert.equal(await value("key"), wanted);
      assert.deepEqual(await cluster.secretData("restore", "key"), { KEY: wanted });
    }
  });

  it("does not change a role that has sessions", async () => {
    const before = await describeAll();
    const session = await logIn(await value("pair"));
    try {
      const { error } = only(await project.rotate(["pair"], { restore: first }));
      assert.equal(error?.code, "ROLE_IN_USE", error?.message);
      assert.match(error?.hint ?? "", /rotate the secret once, then restore/);
    } finally {
      await session.end();
    }
    assert.deepEqual(await describeAll(), before);
  });

  describe("of a file that is not as it was written", () => {
    let ports: Ports;
    let config: StackConfig;
    const opened = async (text: string, key: string, { kmsKeyId }: { kmsKeyId?: string } = {}) => {
      const backup = config.backup && { ...config.backup, ...(kmsKeyId && { kmsKeyId }) };
      const read = { ...ports, s3: { ...ports.s3, read: async () => text } };
      return openBackup({ ...config, backup }, read, key);
    };
    /** Every value of it is asked for. */
    const refuses = async (text: string, key: string, message: RegExp, options?: { kmsKeyId: string }) => {
      const error = await opened(text, key, options)
        .then(async (found) => {
          for (const one of found.secrets) await found.value(one.secret);
        })
        .catch((caught) => caught);
      assert.ok(error instanceof BackupError || error instanceof UsageError, `accepted: ${key}`);
      assert.match(error.message, message);
    };
    const edited = async (
      key: string,
      edit: (file: { secrets: { message: string }[] } & Record<string, unknown>) => void,
    ) => {
      const file = JSON.parse(await object(key));
      edit(file);
      return `${JSON.stringify(file, undefined, 2)}\n`;
    };

    before(async () => {
      ({ config } = await openStack("restore", project.folder));
      const { s3: store, kms, ...others } = realPorts({ region });
      ports = { ...others, s3: store, kms };
    });

    it("is refused for a change anywhere in it", async () => {
      const text = await object(first);
      await opened(text, first).then((found) => found.value("key"));
      const start = text.indexOf('"message"');
      // In the messages not at each place: every look at one is a call of KMS.
      const places = [...text].flatMap((_, i) => (i < start || i % 61 === 0 ? [i] : []));
      assert.ok(places.length > 200);
      for (const i of places) {
        const other = text[i] === "A" ? "B" : "A";
        await refuses(`${text.slice(0, i)}${other}${text.slice(i + 1)}`, first, /is refused|cannot be decrypted/);
      }
      await refuses(text.slice(0, -1), first, /refused/);
      await refuses(`${text}\n`, first, /refused/);
    });

    it("is refused for values that change places, come from another backup, or are left out", async () => {
      const swap = await edited(first, ({ secrets: [one, two] }) => {
        if (one && two) [one.message, two.message] = [two.message, one.message];
      });
      await refuses(swap, first, /key is not what was written/);
      const theirs = JSON.parse(await object(replaced)).secrets;
      const mixed = await edited(first, ({ secrets }) => {
        if (secrets[0]) secrets[0].message = theirs[0].message;
      });
      await refuses(mixed, first, /key is not what was written/);
      const shorter = await edited(first, ({ secrets }) => secrets.pop());
      await refuses(shorter, first, /is not what was written/);
    });

    it("is refused under another key, environment or stack, and under a KMS key that did not encrypt it", async () => {
      const text = await object(first);
      await refuses(text, replaced, /written under another key/);
      await refuses(text, first.replace("/restore/", "/prod/"), /no backup of the environment restore/);
      await refuses(await edited(first, (file) => (file.environment = "prod")), first, /of environment prod/);
      await refuses(await edited(first, (file) => (file.stack = "other")), first, /stack other/);
      const { KeyMetadata } = await new KMSClient({ region }).send(new CreateKeyCommand({}));
      await refuses(text, first, /under the declared key/, { kmsKeyId: KeyMetadata?.Arn ?? "" });
      await refuses(text, first, /NotFoundException/, { kmsKeyId: "alias/none" });
    });

    it("stops the whole run before anything is touched", async () => {
      const before = await describeAll();
      const text = await edited(first, ({ secrets }) => {
        if (secrets[1]) secrets[1].message = secrets[1].message.replace(/^..../, "AAAA");
      });
      const store = { ...ports.s3, read: async () => text };
      await assert.rejects(project.rotate(names, { restore: first, ports: { s3: store } }), BackupError);
      assert.deepEqual(await describeAll(), before);
    });

    it("ends the command with what is wrong", async () => {
      const restore = (...args: string[]) => cli(project.folder, "restore", "--stack", "restore", ...args).finished;
      const [missing, unknown] = await Promise.all([
        restore("--backup", first.replace(/.{36}\.json/, "00000000-0000-4000-8000-000000000000.json")),
        restore("nothing", "--backup", first),
      ]);
      assert.deepEqual([missing.code, unknown.code], [2, 2]);
      assert.match(missing.stderr, /has no .*backups --stack restore lists/);
      assert.match(unknown.stderr, /holds no nothing; it holds: key, signing, sole, pair/);
    });
  });

  it("does not bring back what an emergency has replaced since", async () => {
    assert.equal(only(await project.rotate(["key"], { emergency: true })).outcome, "rotated");
    const before = await describeAll();
    const { error } = only(await project.rotate(["key"], { restore: first }));
    assert.equal(error?.code, "RETIRED", error?.message);
    assert.deepEqual(await describeAll(), before);
  });

  it("finds its values nowhere in the bucket in plain", async () => {
    const secrets = generations
      .flatMap((one) => Object.values(one))
      .map((text) => {
        const json = text.startsWith("{") ? JSON.parse(text) : {};
        return String(json.password ?? json.current ?? text);
      });
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    assert.ok(Versions.length >= 5 && new Set(secrets).size === 12);
    for (const { Key = "" } of Versions) {
      const text = await object(Key);
      const messages = JSON.parse(text).secrets.map((one: { message: string }) => Buffer.from(one.message, "base64"));
      const places = [text, ...messages.map((message: Buffer) => message.toString("latin1"))];
      for (const canary of secrets.flatMap((one) => [one, Buffer.from(one).toString("base64").slice(0, 40)])) {
        assert.ok(
          places.every((place) => !place.includes(canary)),
          `${Key} holds a value`,
        );
      }
    }
  });
});
