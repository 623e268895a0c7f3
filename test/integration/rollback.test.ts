import assert from "node:assert/strict";
import { silent } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { shortVersion } from "../../rotation/shortVersion";
import type { Step } from "../../rotation/steps";
import { asSuperuser } from "../sandbox/testing/superuser";
import { cli } from "./cli";
import { holdStack } from "./heldStack";
import { isRefused, logsIn } from "./postgres";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const secret = (name: string, more: object) => ({
  name,
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["rollback"] },
  ...more,
});
const database = { dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable", gracePeriod: "0s" };
const declared = [
  secret("key", {
    kind: "app",
    rolloutTimeout: "30s",
    consumers: [{ namespace: "rollback", name: "web", takes: "env" }],
  }),
  secret("signing", { kind: "jwt" }),
  secret("sole", {
    kind: "database",
    strategy: "single-user",
    database: { ...database, roles: ["rb_sole"], adopt: true },
  }),
  secret("pair", { kind: "database", database: { ...database, roles: ["rb_a", "rb_b"], groupRole: "rb_group" } }),
];

describe("a rollback", function () {
  this.timeout(120_000);
  let project: Project;
  let cluster: Workloads;
  const manager = () => realPorts({ region }).secretsManager;
  const value = async (name: string, stage = "AWSCURRENT") => {
    const found = await manager().describe(`rollback/${name}`);
    return (await manager().value(`rollback/${name}`, (found && versionWith(stage, found)) ?? "")) ?? "";
  };
  const rollBack = async (name: string, to?: string) => only(await project.rotate([name], { rollback: { to } }));

  before(async () => {
    project = await createProject("rollback");
    cluster = workloads();
    await cluster.createNamespace("rollback");
    await cluster.deploy("rollback", "web");
    await asSuperuser(`CREATE ROLE rb_group NOLOGIN; CREATE ROLE rb_sole LOGIN;
      GRANT CONNECT ON DATABASE shop TO rb_group, rb_sole;
      GRANT rb_group, rb_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare(declared);
    await project.up();
    for (const _ of [1, 2]) {
      const { secrets } = await project.rotate(declared.map(({ name }) => name));
      assert.deepEqual(
        secrets.flatMap(({ error }) => error?.message ?? []),
        [],
      );
    }
  });
  after(() => project.remove());

  it("writes the value before as a new version, through the same gates, with a restart", async () => {
    const [bad, good] = [await value("key"), await value("key", "AWSPREVIOUS")];
    const rollouts = await cluster.rollouts("rollback", "web");
    const result = await rollBack("key");
    assert.equal(result.outcome, "rolled back", result.error?.message);
    assert.deepEqual([await value("key"), await value("key", "AWSPREVIOUS")], [good, bad]);
    assert.deepEqual(await cluster.secretData("rollback", "key"), { KEY: good });
    assert.equal(await cluster.rollouts("rollback", "web"), rollouts + 1);
  });

  it("twice goes back to what the first one left", async () => {
    const [current, previous] = [await value("key"), await value("key", "AWSPREVIOUS")];
    await rollBack("key");
    await rollBack("key");
    assert.deepEqual([await value("key"), await value("key", "AWSPREVIOUS")], [current, previous]);
  });

  it("goes back to a version that is named, and refuses one that is not there, or equal", async () => {
    const wanted = await value("key");
    const found = await manager().describe("rollback/key");
    const id = found && versionWith("AWSCURRENT", found);
    await project.rotate(["key"]);
    assert.equal((await rollBack("key", shortVersion(id))).outcome, "rolled back");
    assert.equal(await value("key"), wanted);
    const before = await manager().describe("rollback/key");
    for (const to of ["00000000-0000-0000-0000-000000000000", "none", ""])
      assert.equal((await rollBack("key", to)).error?.code, "NOTHING_TO_ROLL_BACK");
    const { error } = await rollBack("key", id);
    assert.match(error?.message ?? "", /has the value that is current already/);
    assert.deepEqual(await manager().describe("rollback/key"), before);
  });

  it("of a signing key goes on verifying what was signed meanwhile", async () => {
    const before = JSON.parse(await value("signing"));
    const older = JSON.parse(await value("signing", "AWSPREVIOUS"));
    assert.equal((await rollBack("signing")).outcome, "rolled back");
    assert.deepEqual(JSON.parse(await value("signing")), { current: older.current, previous: before.current });
  });

  it("is not needed after AWSCURRENT was moved back by hand in the midst of a rotation: the next one makes a new value", async () => {
    const stepStarted = (_: string, step: Step) => {
      if (step === "verify") throw new Error("stopped");
    };
    const stopped = only(await project.rotate(["signing"], { observer: { ...silent, stepStarted } }));
    assert.equal(stopped.error?.step, "verify");
    const to = stopped.oldVersionId ?? "";
    await manager().moveCurrent("rollback/signing", { from: stopped.newVersionId, to });
    const { outcome, oldVersionId, error } = only(await project.rotate(["signing"]));
    assert.deepEqual([outcome, oldVersionId], ["rotated", to], error?.message);
  });

  it("of a single-user database sets the database back first", async () => {
    const [bad, good] = [await value("sole"), await value("sole", "AWSPREVIOUS")];
    await isRefused(good);
    assert.equal((await rollBack("sole")).outcome, "rolled back");
    assert.equal(await value("sole"), good);
    await logsIn(good);
    await isRefused(bad);
  });

  it("of alternating users goes back to the other role, which is valid still", async () => {
    const good = await value("pair", "AWSPREVIOUS");
    assert.equal((await rollBack("pair")).outcome, "rolled back");
    assert.equal(await value("pair"), good);
    await logsIn(good);
  });

  it("within the grace period is allowed, where a rotation is not: it changes no role", async () => {
    const [bad, good] = [await value("pair"), await value("pair", "AWSPREVIOUS")];
    const graced = { ...database, gracePeriod: "1d", roles: ["rb_a", "rb_b"], groupRole: "rb_group" };
    project.declare([...declared.slice(0, 3), secret("pair", { kind: "database", database: graced })]);
    assert.equal(only(await project.rotate(["pair"])).error?.code, "GRACE_PERIOD");
    assert.equal((await rollBack("pair")).outcome, "rolled back");
    assert.deepEqual([await value("pair"), await value("pair", "AWSPREVIOUS")], [good, bad]);
    // What was left behind has its grace too: services may still live by it.
    await logsIn(bad);
    assert.equal(only(await project.rotate(["pair"])).error?.code, "GRACE_PERIOD");
    project.declare(declared);
  });

  it("is refused when the older credential is gone, and writes nothing", async () => {
    const found = await manager().describe("rollback/pair");
    const old = (found && versionWith("AWSPREVIOUS", found)) ?? "";
    // Two rotations give both roles new passwords.
    await project.rotate(["pair"]);
    await project.rotate(["pair"]);
    const before = await manager().describe("rollback/pair");
    const { error } = await rollBack("pair", old);
    assert.equal(error?.code, "RETIRED");
    assert.match(error?.message ?? "", /rb_[ab] has another password by now/);
    assert.deepEqual(await manager().describe("rollback/pair"), before);
  });

  it("of a rotation that failed in its first rollout leaves nothing behind that pulumi up would change", async () => {
    await cluster.deploy("rollback", "broken", { command: ["/bin/false"] });
    const consumers = [{ namespace: "rollback", name: "broken", takes: "env" }];
    const fresh = secret("fresh", { kind: "app", rolloutTimeout: "5s", consumers });
    project.declare([...declared, fresh]);
    await project.up();
    assert.equal(only(await project.rotate(["fresh"])).error?.code, "ROLLOUT_FAILED");
    const rollouts = await cluster.rollouts("rollback", "broken");
    const before = await manager().describe("rollback/fresh");
    // The workload is still broken, so that pulumi up says so; it restarts nothing and writes nothing.
    const isBroken = (error: Error) => assert.match(error.message, /broken/);
    await project.up().catch(isBroken);
    assert.equal(await cluster.rollouts("rollback", "broken"), rollouts);
    assert.deepEqual(await manager().describe("rollback/fresh"), before);
    const may = { "secret-rotation:mayDelete": ["rollback/fresh"] };
    project.declare([...declared, fresh], may);
    await project.up().catch(isBroken);
    project.declare(declared, may);
    await project.up();
  });

  it("--rollback-on-failure brings the value back that the workload runs with", async () => {
    const good = await value("key");
    // A service that only comes up with the value that it has now.
    await cluster.deploy("rollback", "picky", {
      command: ["/bin/sh", "-c", `test "$KEY" = "${good}" && exec sleep infinity`],
      env: { name: "KEY", secret: "key", key: "KEY" },
    });
    const consumers = [{ namespace: "rollback", name: "picky", takes: "env" }];
    project.declare([secret("key", { kind: "app", rolloutTimeout: "5s", consumers }), ...declared.slice(1)]);
    await project.up();
    const rotateKey = () =>
      cli(project.folder, "rotate", "key", "--stack", "rollback", "--rollback-on-failure", "--json");
    const { code, stdout, stderr } = await rotateKey().finished;
    assert.equal(code, 1, stderr);
    const { schemaVersion, secrets, rollback } = JSON.parse(stdout);
    assert.deepEqual([schemaVersion, secrets[0].error.code], [1, "ROLLOUT_FAILED"]);
    assert.deepEqual(
      [rollback.secrets[0].outcome, rollback.secrets[0].oldVersionId],
      ["rolled back", secrets[0].newVersionId],
    );
    assert.equal(await value("key"), good);
    const found = await manager().describe("rollback/key");
    assert.equal(found?.tags["rotated-version"], found && versionWith("AWSCURRENT", found));
    // One that is not let in by somebody else's update is no run that touched nothing: the result is told, and it failed.
    const refused = rotateKey();
    await refused.says("rolling back key");
    const held = holdStack("rollback");
    const told = await refused.finished;
    held.release();
    assert.equal(told.code, 1, told.stderr);
    assert.match(told.stderr, /StackLockedError: nothing was changed: another update holds the stack rollback/);
    const shown = JSON.parse(told.stdout);
    assert.deepEqual([shown.secrets[0].error.code, shown.rollback], ["ROLLOUT_FAILED", undefined]);
  });
});
