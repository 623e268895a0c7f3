import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadYaml, type V1Role } from "@kubernetes/client-node";
import { silent } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { Step } from "../../rotation/steps";
import { sandboxDirectory, sandboxPaths } from "../sandbox/paths";
import { cli, cliOnTerminal, type Running } from "./cli";
import { holdStack, lockFolder } from "./heldStack";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { type Workloads, workloads } from "./workloads";

const run = promisify(execFile);
const app = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: "cli", name: "web", takes: "env" }],
});

describe("the command line", function () {
  this.timeout(120_000);
  let project: Project;
  let cluster: Workloads;
  const live = async (name: string) => {
    const found = await realPorts({ region }).secretsManager.describe(`cli/${name}`);
    assert.ok(found);
    return found;
  };
  const currentValue = async (name: string) =>
    (await realPorts({ region }).secretsManager.value(
      `cli/${name}`,
      versionWith("AWSCURRENT", await live(name)) ?? "",
    )) ?? "";
  const rotate = (...args: string[]) => cli(project.folder, "rotate", "--stack", "cli", ...args);
  const onTerminal = (...args: string[]) => cliOnTerminal(project.folder, "rotate", "--stack", "cli", ...args);

  before(async () => {
    project = await createProject("cli");
    cluster = workloads();
    await cluster.createNamespace("cli");
    await cluster.deploy("cli", "web");
    project.declare([app("one"), app("two"), { name: "ssh", kind: "ssh-key" }]);
    await project.up();
  });
  after(() => project.remove());

  it("says what is wrong, and ends with 2", async () => {
    const cases: [string[], RegExp][] = [
      [["rotate", "one"], /required option '--stack/],
      [["rotate", "--stack", "nope", "one"], /the backend has no stack nope/],
      [["rotate", "--stack", "cli"], /say what to rotate/],
      [["rotate", "--stack", "cli", "--type", "everything"], /choose from all, database/],
      [["rotate", "--stack", "cli", "--all", "--type", "database"], /'--all' cannot be used with option '--type/],
      [["rotate", "--stack", "cli", "--all", "one"], /name secrets, or say --all: not both/],
      [["rotate", "--stack", "cli", "three"], /declares no three; declared: one, two, ssh/],
      [["status", "--stack", "cli", "--due-within", "soon"], /write a number and s, m, h or d/],
      [["rotate", "--stack", "cli", "one", "--reason", "two\nlines"], /write one line of at most 500 characters/],
      [["history", "--stack", "cli"], /Pulumi\.cli\.yaml declares no audit trail: add a place/],
      [["history", "--stack", "cli", "--limit", "0"], /write a whole number from 1/],
      [["permissions", "--stack", "cli", "--for", "restore"], /stack cli declares no backup/],
    ];
    const results = await Promise.all(cases.map(([args]) => cli(project.folder, ...args).finished));
    for (const [i, { code, stderr, stdout }] of results.entries()) {
      assert.match(stderr, cases[i]?.[1] ?? /never/);
      assert.deepEqual([code, stdout], [2, ""]);
    }
  });

  it("permissions prints the policy of the stack's role", async () => {
    const { code, stdout } = await cli(project.folder, "permissions", "--stack", "cli").finished;
    const { Statement } = JSON.parse(stdout);
    const arns = ["one", "two", "ssh"].map(
      (name) => `arn:aws:secretsmanager:${region}:123456789012:secret:cli/${name}-??????`,
    );
    assert.deepEqual([code, Statement[0].Resource], [0, arns]);
    // The sandbox's backend is a folder, and its secrets provider a key of KMS.
    assert.deepEqual(
      Statement.map(({ Sid }: { Sid: string }) => Sid),
      ["WhatSecretsThereAre", "SecretsOfTheStack", "StatusAndCheck", "KeyOfState"],
    );
  });

  it("permissions prints the Role of each namespace too", async () => {
    const { code, stdout } = await cli(project.folder, "permissions", "--stack", "cli", "--for", "kubernetes").finished;
    const { metadata, rules } = loadYaml<V1Role>(stdout);
    assert.deepEqual([code, { ...metadata }], [0, { name: "secret-rotation-cli", namespace: "cli" }]);
    const restarts = rules?.find(({ verbs }) => verbs.join() === "get,patch");
    assert.deepEqual([restarts?.resources, restarts?.resourceNames], [["deployments"], ["web"]]);
  });

  it("status shows a new secret as never rotated, due now", async () => {
    const { code, stdout } = await cli(project.folder, "status", "--stack", "cli").finished;
    assert.equal(code, 0);
    assert.match(stdout, /one .* never rotated, due now/);
    assert.match(stdout, /ssh .* ok \(watched only\)/);
  });

  it("a dry run previews, and touches nothing", async () => {
    const before = await live("one");
    const { code, stdout } = await rotate("one", "--dry-run").finished;
    assert.equal(code, 0);
    assert.match(stdout, /one .* write a new version .* Deployment cli\/web/);
    assert.deepEqual(await live("one"), before);
  });

  it("--due rotates what is due and leaves what only is watched", async () => {
    const { code, stdout } = await rotate("--due", "--json").finished;
    const { schemaVersion, secrets } = JSON.parse(stdout);
    assert.deepEqual([code, schemaVersion], [0, 1]);
    assert.deepEqual(
      secrets.map((s: { secret: string; outcome: string }) => [s.secret, s.outcome]),
      [
        ["one", "rotated"],
        ["two", "rotated"],
      ],
    );
    const strict = join(project.folder, "limits.json");
    writeFileSync(strict, JSON.stringify({ "secret-max-age": { secrets: { two: 0 } } }));
    const [again, limited, shown] = await Promise.all([
      rotate("--due").finished,
      rotate("--due", "--dry-run", "--json", "--policy-config", strict).finished,
      cli(project.folder, "status", "--stack", "cli", "--policy-config", strict).finished,
    ]);
    assert.match(again.stderr, /nothing is due/);
    const previewed: { secret: string }[] = JSON.parse(limited.stdout).secrets;
    assert.deepEqual(
      previewed.map(({ secret }) => secret),
      ["two"],
    );
    assert.match(shown.stdout, /one .* 90 +│ ok .* two .* 0 +│ due /s);
  });

  it("a watched secret that is named says why it is not rotated, and ends with 1", async () => {
    const { code, stdout } = await rotate("ssh").finished;
    assert.equal(code, 1);
    assert.match(stdout, /it is rotated by hand/);
  });

  it("two at once: one gets the stack, the other ends with 4 and changes nothing", async () => {
    const operator = (await useSandbox()).part("external-secrets");
    operator.pause();
    const first = rotate("one");
    try {
      // It waits in its gate, and holds the stack, until the operator goes on.
      await first.says("one: sync");
      const second = await rotate("two").finished;
      assert.equal(second.code, 4, second.stderr);
      assert.match(second.stderr, /another update holds the stack cli \(.*process \d+.*pulumi cancel --stack cli/);
    } finally {
      operator.resume();
    }
    assert.equal((await first.finished).code, 0);
  });

  const interrupts: Record<string, [typeof rotate, (running: Running) => void]> = {
    "Ctrl-C on a terminal": [onTerminal, ({ child }) => child.stdin?.write("\x03")],
    "the same signal twice at once, as npm hands it on": [
      rotate,
      ({ child }) => [child.kill("SIGINT"), child.kill("SIGINT")],
    ],
  };
  for (const [how, [start, interrupt]] of Object.entries(interrupts)) {
    it(`${how}: the step under way is recorded, and the same command goes on`, async () => {
      const operator = (await useSandbox()).part("external-secrets");
      operator.pause();
      const running = start("one");
      try {
        await running.says("sync");
        interrupt(running);
        await running.says("interrupting: ");
      } finally {
        operator.resume();
      }
      const { code, stdout, stderr } = await running.finished;
      assert.equal(code, 130, stderr);
      assert.match(stdout + stderr, /interrupting: .*interrupted: the same command again goes on/s);
      assert.deepEqual(filesIn(lockFolder("cli")), []);
      const again = await rotate("one", "--json").finished;
      assert.equal(JSON.parse(again.stdout).secrets[0].outcome, "resumed");
    });
  }

  it("the engine killed too: its lock is recognised as a dead one's, and cleared", async () => {
    const killed = rotate("one");
    await killed.says("one: set");
    const engines = await enginesOf(killed);
    assert.ok(engines.length > 0);
    for (const pid of engines) process.kill(pid, "SIGKILL");
    killed.child.kill("SIGKILL");
    await killed.finished;
    assert.notDeepEqual(filesIn(lockFolder("cli")), []);
    const { code, stdout, stderr } = await rotate("one", "--json").finished;
    assert.equal(code, 0, stderr);
    assert.equal(versionWith("AWSCURRENT", await live("one")), JSON.parse(stdout).secrets[0].newVersionId);
  });

  it("the lock of another machine stays, though it has this one's name: it is named, with the command that clears it, and nothing is touched", async () => {
    const { file, lock, release } = holdStack("cli");
    const before = [await live("one"), await cluster.rollouts("cli", "web")];
    try {
      // On a terminal, whose live list holds back what is written beside it.
      const { code, stdout } = await onTerminal("one").finished;
      assert.equal(code, 4);
      assert.match(stdout, /nothing was changed: another update holds the stack cli \(ci@.*, process 47110815, since /);
      assert.match(stdout, /when it is dead: pulumi cancel --stack cli/);
      assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), lock);
      assert.deepEqual([await live("one"), await cluster.rollouts("cli", "web")], before);
    } finally {
      release();
    }
  });

  it("somebody else gets the stack before the run has settled: it says so, and the same command settles", async () => {
    let held: ReturnType<typeof holdStack> | undefined;
    const hold = (_: string, step: Step) => {
      if (step === "settle") held = holdStack("cli");
    };
    const observer = { ...silent, stepStarted: hold };
    const lost = only(await project.rotate(["one"], { observer, lockTimeoutSeconds: 0 }));
    held?.release();
    assert.match(
      lost.error?.message ?? "",
      /^one: settle: rotated, but not settled: .*another update holds the stack cli/,
    );
    assert.equal(versionWith("AWSCURRENT", await live("one")), lost.newVersionId);
    const { outcome, newVersionId } = only(await project.rotate(["one"]));
    assert.deepEqual([outcome, newVersionId], ["resumed", lost.newVersionId]);
  });

  it("leaves no value in the state, the history, the events or the output", async () => {
    const old = await currentValue("one");
    const { stdout, stderr } = await rotate("one").finished;
    const canaries = [old, await currentValue("one")];
    const { pulumiState, pulumiHome } = sandboxPaths(sandboxDirectory());
    const files = [pulumiState, pulumiHome].flatMap((folder) => filesIn(folder));
    const { stdout: shown } = await run("pulumi", ["stack", "export", "--show-secrets", "--stack", "cli"], {
      cwd: project.folder,
      maxBuffer: 1 << 28,
    });
    const texts = [stdout, stderr, shown, ...files.map((file) => readFileSync(file, "utf8"))];
    // The search itself: what is known to be there is found.
    assert.ok(texts.some((text) => text.includes("secretStringWoVersion")));
    for (const canary of canaries) {
      assert.equal(canary.length, 48);
      for (const form of [canary, Buffer.from(canary).toString("base64").replace(/=+$/, "")]) {
        assert.ok(!texts.some((text) => text.includes(form)));
      }
    }
    const { deployment } = JSON.parse(shown) as {
      deployment: { resources: { type: string; inputs: Record<string, unknown> }[] };
    };
    const versions = deployment.resources.filter(({ type }) => type.includes("SecretVersion"));
    assert.ok(versions.length > 0);
    for (const { inputs } of versions) {
      assert.equal((inputs.secretStringWo as { plaintext: string }).plaintext, '"frozen"');
    }
  });

  it("leaves nothing in the logs that the engine keeps by itself", async () => {
    const logs = () => filesIn(join(process.env.PULUMI_HOME ?? "", "logs")).filter((file) => file.includes("+cli-"));
    const before = logs();
    const { code, stderr } = await rotate("one").finished;
    assert.equal(code, 0, stderr);
    assert.deepEqual(logs(), before);
    await run("pulumi", ["preview", "--stack", "cli"], { cwd: project.folder }).catch(() => undefined);
    assert.ok(logs().length > before.length, "an update that is none of the driver's has its log there");
  });
});

async function enginesOf({ child }: Running): Promise<number[]> {
  const { stdout } = await run("pgrep", ["-P", String(child.pid), "pulumi"]).catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter(Boolean).map(Number);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
