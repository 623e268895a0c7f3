import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { cli } from "./cli";
import { type GitHub, startGitHub } from "./github";
import { holdStack, lockFolder } from "./heldStack";
import { killEngineOf } from "./killEngine";
import { createProject, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

const stack = "lost";
const bucket = "lost-audit";
const url = "https://github.example/acme/shop/actions/runs/7/attempts/1";

describe("a run of GitHub Actions that was lost", function () {
  this.timeout(180_000);
  let project: Project;
  let github: GitHub;
  const variables: NodeJS.ProcessEnv = {
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_TOKEN: "ghs_1",
  };
  const rotate = (runId: string) => {
    process.env.GITHUB_RUN_ID = runId;
    return cli(project.folder, "rotate", "--stack", stack, "one", "--json");
  };
  const locks = () => readdirSync(lockFolder(stack));
  const environment = { ...process.env };

  before(async () => {
    await useSandbox();
    github = await startGitHub();
    Object.assign(process.env, variables, { GITHUB_API_URL: github.url, GITHUB_RUN_ATTEMPT: "1" });
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await new S3Client({ region }).send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
    project = await createProject(stack, { "secret-rotation:audit": { s3: { bucket } } });
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    const externalSecret = { target: "one", keys: [{ key: "KEY" }] };
    const consumers = [{ namespace: stack, name: "web", takes: "env" }];
    project.declare([{ name: "one", kind: "app", externalSecret, consumers }]);
    await project.up();
  });
  after(() => {
    for (const name of Object.keys(process.env).filter((name) => name.startsWith("GITHUB_"))) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
    github.stop();
    project.remove();
  });

  it("leaves its lock, which the next one, on another machine, names with its URL while it may go on", async () => {
    const operator = (await useSandbox()).part("external-secrets");
    operator.pause();
    const lost = rotate("7");
    try {
      // The engine waits in a gate; its note has been written long before.
      await lost.says("one: sync");
      killEngineOf(stack);
      lost.child.kill("SIGKILL");
      await lost.finished;
    } finally {
      operator.resume();
    }
    assert.equal(locks().length, 1);
    // Another machine has none of this one's notes.
    const notes = join(process.env.PULUMI_HOME ?? "", "secret-rotation", "updates");
    for (const name of readdirSync(notes).filter((name) => name.startsWith(`${stack}@`))) rmSync(join(notes, name));
    const answers: [number, object, RegExp][] = [
      [200, { status: "in_progress", run_attempt: 1 }, /by \S+, in progress\)\. Wait for it/],
      [403, {}, /, whether it has ended is unknown: GitHub answers 403; GITHUB_TOKEN needs actions: read\)/],
    ];
    for (const [status, body, says] of answers) {
      github.answer(status, body);
      const { code, stderr } = await rotate("8").finished;
      assert.equal(code, 4, stderr);
      assert.ok(stderr.includes(`by ${url}, `), stderr);
      assert.match(stderr, says);
      assert.equal(locks().length, 1);
    }
  });

  it("is gone on with, its lock cleared, when GitHub says that it has ended", async () => {
    github.answer(200, { status: "completed", conclusion: "cancelled", run_attempt: 1 });
    const { code, stdout, stderr } = await rotate("8").finished;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).secrets[0].outcome, "resumed");
    assert.deepEqual(locks(), []);
    assert.ok(github.asked.every((question) => question === "GET /repos/acme/shop/actions/runs/7 Bearer ghs_1"));
  });

  it("has no part in the lock of somebody else, which stays", async () => {
    const { release } = holdStack(stack);
    try {
      const { code, stderr } = await rotate("9").finished;
      assert.equal(code, 4, stderr);
      assert.doesNotMatch(stderr, /actions\/runs/);
      assert.equal(locks().length, 1);
    } finally {
      release();
    }
  });

  it("leaves no trace of it in the history", async () => {
    const { code, stdout, stderr } = await cli(project.folder, "history", "--stack", stack, "--json").finished;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(JSON.parse(stdout).runs.length >= 4);
  });
});
