import assert from "node:assert/strict";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { cli } from "./cli";
import { holdStack } from "./heldStack";
import { createProject, only, type Project, region } from "./project";
import { workloads } from "./workloads";

const stack = "record";
const settings = { "secret-rotation:audit": { file: "audit.jsonl" } };
const key = {
  name: "key",
  kind: "app",
  externalSecret: { target: "key", keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
};
const ssh = { name: "ssh", kind: "ssh-key", "ssh-key": { runbook: "https://wiki.example/bastion" } };

describe("a rotation by hand", function () {
  this.timeout(240_000);
  let project: Project;
  const aws = () => new SecretsManagerClient({ region });
  const live = async (name: string) => {
    const found = await realPorts({ region }).secretsManager.describe(`${stack}/${name}`);
    assert.ok(found);
    return found;
  };
  const put = async (name: string) => {
    const SecretString = `by hand ${Date.now()} `.repeat(4);
    const from = versionWith("AWSCURRENT", await live(name));
    // In two steps: moto's put does not take AWSCURRENT from a version that the label was moved to.
    const written = new PutSecretValueCommand({
      SecretId: `${stack}/${name}`,
      SecretString,
      VersionStages: ["BY_HAND"],
    });
    const { VersionId: to = "" } = await aws().send(written);
    await realPorts({ region }).secretsManager.moveCurrent(`${stack}/${name}`, { from, to });
  };
  const run = (...args: string[]) => cli(project.folder, ...args, "--stack", stack).finished;
  const record = (name: string, ...more: string[]) => run("record", name, "--reason", "finding 12", ...more);

  before(async () => {
    project = await createProject(stack, settings);
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    project.declare([key, ssh]);
    await project.up();
    assert.equal(only(await project.rotate(["key"])).outcome, "rotated");
  });
  after(() => project.remove());

  it("is refused where nothing has changed, and says what to do", async () => {
    const before = await live("key");
    const { code, stderr } = await record("key");
    assert.equal(code, 2);
    assert.match(stderr, /its current version \S+ is what was recorded last.*nothing was recorded/);
    assert.match(stderr, /put-secret-value --secret-id record\/key.*--elsewhere/);
    assert.equal((await record("ssh")).code, 2, "it has no value");
    assert.match((await run("record", "key")).stderr, /--reason/);
    assert.equal((await record("kee")).code, 2);
    assert.deepEqual(await live("key"), before);
  });

  it("is stamped with the version that is current and its date, in AWS and in the stack, and is on record", async () => {
    await put("key");
    const current = versionWith("AWSCURRENT", await live("key")) ?? "";
    const { code, stdout, stderr } = await record("key", "--json");
    assert.equal(code, 0, stderr);
    const { runId, recorded, secrets } = JSON.parse(stdout);
    assert.deepEqual([recorded, secrets[0].outcome, secrets[0].newVersionId], [true, "recorded", current]);
    assert.match(secrets[0].warnings.join(), /no consumer was restarted/);
    const { tags } = await live("key");
    const createdAt = await realPorts({ region }).secretsManager.createdAt(`${stack}/key`, current);
    assert.deepEqual([tags["rotated-version"], tags["rotated-by"]], [current, runId]);
    assert.equal(tags["rotated-at"], createdAt?.toISOString());
    assert.equal((await project.recorded()).get("key")?.stampedVersion, current);
    assert.deepEqual(await project.up(), [], "nothing of it is undone");
    const history = await run("history", "key");
    assert.match(history.stdout, /record .*key .*recorded/);
    assert.match(history.stdout, /finding 12/);
    assert.equal((await record("key")).code, 2, "once is enough");
    assert.equal(only(await project.rotate(["key"])).outcome, "rotated", "the next run rotates as ever");
  });

  it("of a credential that lies elsewhere dates from now, and status names its runbook", async () => {
    const since = Date.now();
    const before = await run("status");
    assert.match(before.stdout, /ssh .*by hand: runbook https:\/\/wiki\.example\/bastion/);
    const { code, stdout } = await record("ssh", "--elsewhere");
    assert.equal(code, 0, stdout);
    const { tags } = await live("ssh");
    assert.ok(new Date(tags["rotated-at"] ?? 0).getTime() >= since);
    assert.equal(tags.runbook, "https://wiki.example/bastion");
    const { secrets } = JSON.parse((await run("status", "--json")).stdout);
    const [found] = secrets.filter((one: { secret: string }) => one.secret === "ssh");
    assert.deepEqual([found.ageDays, found.runbook], [0, "https://wiki.example/bastion"]);
  });

  it("waits for nobody: a stack that is locked is told, and nothing is recorded", async () => {
    await put("key");
    const before = await live("key");
    const lock = holdStack(stack);
    const { code, stderr } = await record("key");
    lock.release();
    assert.equal(code, 4, `${stderr} ${JSON.stringify(before)}`);
    assert.deepEqual(await live("key"), before);
    assert.equal((await record("key")).code, 0);
  });
});
