import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createProject, type Project } from "../integration/project";
import { workloads } from "../integration/workloads";
import { repository } from "../sandbox/paths";
import { envOf, readWorkflow, stepsOf } from "./workflow";

const stack = "workflow";
const declared = {
  name: "one",
  kind: "app",
  externalSecret: { target: "one", keys: [{ key: "KEY" }], namespaces: [stack] },
};

/** The command that rotate-secrets.yml runs, as GitHub's runner runs it, on the sandbox. */
describe("the workflow that rotates", function () {
  this.timeout(120_000);
  let project: Project;
  const step = stepsOf(readWorkflow("rotate-secrets.yml")).find(({ name }) => name === "Rotate");
  const audit = () => readFileSync(join(project.folder, "audit.jsonl"), "utf8");

  before(async () => {
    project = await createProject(stack, { "secret-rotation:audit": { file: "audit.jsonl" } });
    await workloads().createNamespace(stack);
    project.declare([declared]);
    await project.up();
    // The checkout, but for the example's stacks and the policy pack.
    mkdirSync(join(project.folder, "policies"));
    for (const path of ["policies/typescript.js", "rotation"]) {
      symlinkSync(join(repository, path), join(project.folder, path));
    }
    writeFileSync(join(project.folder, "step.sh"), step?.run ?? "");
  });
  after(() => project.remove());

  /** @param inputs  as somebody has chosen them; none: by this schedule */
  function run(
    inputs?: { type?: string; dryRun?: boolean; emergency?: boolean; reason?: string },
    schedule = "0 2 * * 1",
  ) {
    assert.ok(step);
    const given = envOf(step, {
      "matrix.environment": stack,
      "github.event_name": inputs ? "workflow_dispatch" : "schedule",
      "github.event.schedule": inputs ? "" : schedule,
      "secrets.ROTATION_WEBHOOK_URL": "",
      "inputs.secret_type": inputs?.type ?? "",
      "inputs.dry_run": inputs ? String(inputs.dryRun ?? false) : "",
      "inputs.emergency": inputs ? String(inputs.emergency ?? false) : "",
      "inputs.reason": inputs?.reason ?? "",
      "vars.PULUMI_BACKEND_URL": process.env.PULUMI_BACKEND_URL ?? "",
      "steps.aws.outputs.aws-expiration": new Date(Date.now() + 3_600_000).toISOString(),
      "github.token": "none",
    });
    const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...given };
    const args = ["--noprofile", "--norc", "-e", "-o", "pipefail", "step.sh"];
    return spawnSync("bash", args, { cwd: project.folder, env, encoding: "utf8" });
  }

  it("by schedule rotates what is due, and ends well when nothing is", () => {
    const first = run();
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /one .* rotated/);
    const second = run();
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stderr, /nothing is due/);
  });

  it("checks by each other schedule, and says the ages where alarms watch them", () => {
    const [, ...others] = readWorkflow("rotate-secrets.yml").on.schedule ?? [];
    assert.equal(others.length, 1);
    for (const { cron } of others) {
      const { status, stdout, stderr } = run(undefined, cron);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /1 secrets checked/);
    }
  });

  it("takes every type, though there be nothing of it", () => {
    const types = readWorkflow("rotate-secrets.yml").on.workflow_dispatch?.inputs?.secret_type?.options ?? [];
    assert.equal(types.length, 5);
    for (const type of types) {
      const { status, stdout, stderr } = run({ type, dryRun: true });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /nothing was changed/);
      if (type === "certificates") assert.match(stderr, /nothing of type certificates is rotatable/);
    }
  });

  it("hands the reason on as it is, whatever is in it", () => {
    const reason = `it's "$(date)"; \`id\` && $HOME`;
    const { status, stderr } = run({ type: "app-secrets", reason });
    assert.equal(status, 0, stderr);
    assert.ok(audit().includes(JSON.stringify(reason)));
  });

  it("an emergency needs a reason, and asks nothing else", () => {
    const without = run({ type: "all", emergency: true });
    assert.notEqual(without.status, 0);
    assert.match(without.stderr, /an emergency needs a reason/);
    const { status, stderr } = run({ type: "all", emergency: true, reason: "leaked" });
    assert.equal(status, 0, stderr);
    assert.match(audit(), /"reason":"leaked","command":"rotate","emergency":true/);
  });
});
