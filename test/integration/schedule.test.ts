import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { cli } from "./cli";
import { createProject, type Project, region } from "./project";
import { workloads } from "./workloads";

const stack = "schedule";
const secrets = ["one", "two"].map((name) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: [stack] },
}));
const dayOf = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const frozen = { freezes: [{ from: dayOf(-1), to: dayOf(2), reason: "launch week" }], jitter: "0s" };
/** Opens in twelve hours, give or take one. */
const closed = { windows: [{ cron: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`, duration: "30m" }] };

describe("the schedule", function () {
  this.timeout(120_000);
  let project: Project;
  const declare = (schedule: object) =>
    project.declare(secrets, {
      "secret-rotation:schedule": schedule,
      "secret-rotation:audit": { file: "audit.jsonl" },
    });
  const run = (...args: string[]) => cli(project.folder, ...args, "--stack", stack).finished;
  const current = async (name: string) => {
    const live = await realPorts({ region }).secretsManager.describe(`${stack}/${name}`);
    return live && versionWith("AWSCURRENT", live);
  };

  before(async () => {
    project = await createProject(stack);
    await workloads().createNamespace(stack);
    declare({});
    await project.up();
  });
  after(() => project.remove());

  it("--due rotates nothing inside a freeze, nor outside of the windows, and says until when: it is no failure", async () => {
    const whys: [object, RegExp][] = [
      [frozen, /^nothing is rotated: a freeze until .* \(launch week\); due: one, two$/],
      [closed, /^nothing is rotated: no window is open; the next window opens at .*; due: one, two$/],
    ];
    for (const [schedule, why] of whys) {
      declare(schedule);
      const { code, stdout, stderr } = await run("rotate", "--due", "--json");
      const { note, secrets } = JSON.parse(stdout);
      assert.deepEqual([code, secrets], [0, []], stderr);
      assert.match(note, why);
      assert.match(stderr, /nothing is rotated: /);
    }
    assert.equal(await current("one"), undefined);
  });

  it("status says when a scheduled run comes, and why not earlier", async () => {
    declare(frozen);
    const { code, stdout } = await run("status", "--json");
    const [one] = JSON.parse(stdout).secrets;
    assert.deepEqual([code, one.state, one.next.at.slice(0, 10)], [0, "never-rotated", dayOf(3)]);
    assert.match(one.next.why, /^never rotated; frozen until .*: launch week$/);
  });

  it("a rotation by hand inside a freeze is refused, unless somebody says why, which is on record", async () => {
    declare(frozen);
    for (const command of [
      ["rotate", "one"],
      ["rotate", "--type", "all"],
      ["rollback", "one"],
    ]) {
      const { code, stderr } = await run(...command);
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /stack schedule is frozen until .*: launch week\. Wait for its end, or say why .*--in-freeze/,
      );
    }
    assert.equal(await current("one"), undefined);
    const dry = await run("rotate", "one", "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stderr, /Without --dry-run this is refused/);
    const done = await run("rotate", "one", "--in-freeze", "the auditor asks for it");
    assert.equal(done.code, 0, done.stderr);
    assert.notEqual(await current("one"), undefined);
    assert.match(readFileSync(join(project.folder, "audit.jsonl"), "utf8"), /"reason":"the auditor asks for it"/);
  });

  it("an emergency waits for no schedule", async () => {
    declare(frozen);
    const before = await current("one");
    const { code, stderr } = await run("rotate", "--type", "app-secrets", "--emergency", "--yes");
    assert.equal(code, 0, stderr);
    assert.notEqual(await current("one"), before);
    assert.notEqual(await current("two"), undefined);
  });

  it("a type of which there is nothing to rotate is no failure", async () => {
    declare({});
    const { code, stdout } = await run("rotate", "--type", "certificates", "--json");
    const { note, secrets } = JSON.parse(stdout);
    assert.deepEqual([code, note, secrets], [0, "nothing of type certificates is rotatable", []]);
  });

  it("a day without quotes in the stack's file is the day that it says", async () => {
    declare({});
    const file = join(project.folder, `Pulumi.${stack}.yaml`);
    const { config, ...key } = JSON.parse(readFileSync(file, "utf8"));
    const { "secret-rotation:schedule": _, ...others } = config;
    const lines = (of: object) => Object.entries(of).map(([k, v]) => `${k}: ${JSON.stringify(v)}\n`);
    writeFileSync(file, [...lines(key), "config:\n", ...lines(others).map((line) => `  ${line}`)].join(""));
    const freeze = `{from: ${dayOf(-1)}, to: ${dayOf(1)}, reason: as YAML has it}`;
    appendFileSync(file, `  secret-rotation:schedule:\n    timeZone: Pacific/Auckland\n    freezes: [${freeze}]\n`);
    const { code, stderr } = await run("rotate", "one");
    assert.equal(code, 2, stderr);
    const [, until] = /frozen until (\S+): as YAML has it/.exec(stderr) ?? [];
    // Midnight of the day after, where the clocks are 12 or 13 hours ahead.
    assert.match(until ?? stderr, new RegExp(`^${dayOf(1)}T1[12]:00`));
  });
});
