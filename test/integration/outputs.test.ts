import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import { schemaFiles } from "../../rotation/schemas/files";
import type { outputs } from "../../rotation/schemas/outputs";
import { repository } from "../sandbox/paths";
import { cli } from "./cli";
import { createProject, type Project } from "./project";
import { workloads } from "./workloads";

const stack = "outputs";
const settings = {
  "secret-rotation:backup": { bucket: "outputs-backups" },
  "secret-rotation:audit": { file: "audit.jsonl" },
};
const one = {
  name: "one",
  kind: "app",
  externalSecret: { target: "one", keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
};

describe("the JSON Schema files", function () {
  this.timeout(240_000);
  let project: Project;

  it("are what the outputs' types say: else run node -r ./policies/typescript.js rotation/schemas/write.ts", () => {
    for (const { path, text } of schemaFiles()) assert.equal(readFileSync(path, "utf8"), text, path);
  });

  before(async () => {
    project = await createProject(stack, settings);
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    project.declare([one, { name: "ssh", kind: "ssh-key" }]);
    await project.up();
  });
  after(() => project.remove());

  /** Runs a command, and holds its output against its schema. */
  async function output(schema: keyof typeof outputs, exitCode: number, ...args: string[]) {
    const file = join(repository, "rotation/schemas", `${schema}.schema.json`);
    const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile(
      JSON.parse(readFileSync(file, "utf8")),
    );
    const { code, stdout, stderr } = await cli(project.folder, ...args, "--stack", stack, "--json").finished;
    assert.equal(code, exitCode, stderr);
    const found = JSON.parse(stdout);
    assert.equal(validate(found), true, JSON.stringify(validate.errors, undefined, 2));
    // The schema is no empty one: what it does not know is refused.
    assert.equal(validate({ ...found, somethingElse: 1 }), false);
    return found;
  }

  it("hold for kinds, with the schema of a kind's block", async () => {
    const { kinds } = await output("kinds", 0, "kinds", "database");
    assert.deepEqual(kinds[0].parameters.required, ["dbname", "roles", "superuserSecret"]);
  });

  it("hold for status, before the first rotation and after it", async () => {
    const before = await output("status", 0, "status");
    assert.equal(before.secrets[0].state, "never-rotated");
    const { secrets } = await output("rotate", 0, "rotate", "--due");
    assert.equal(secrets[0].outcome, "rotated");
    const after = await output("status", 0, "status");
    assert.equal(after.secrets[0].state, "ok");
  });

  it("hold for a run that takes nothing, one that fails, a rollback and a dry run", async () => {
    assert.equal((await output("rotate", 0, "rotate", "--due")).note, "nothing is due");
    const failed = await output("rotate", 1, "rotate", "ssh");
    assert.equal(failed.secrets[0].error.code, "STRATEGY_UNAVAILABLE");
    const dry = await output("dry-run", 0, "rotate", "one", "--dry-run");
    assert.equal(dry.secrets[0].writesVersion, true);
    await output("dry-run", 0, "rotate", "one", "--emergency", "--dry-run");
    await output("rotate", 0, "rotate", "one");
    const back = await output("rotate", 0, "rollback", "one");
    assert.equal(back.secrets[0].outcome, "rolled back");
    const recorded = await output("rotate", 0, "record", "ssh", "--reason", "a new key", "--elsewhere");
    assert.equal(recorded.secrets[0].outcome, "recorded");
  });

  it("hold for verify and migrate", async () => {
    const [verified] = (await output("verify", 0, "verify", "one")).secrets;
    assert.ok(verified.proved.length > 2);
    const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:rotate";
    const when = ["--lambda", lambda, "--automatically-after", "30d"];
    const migrated = await output("migrate", 0, "migrate", "one", "--to", "native", ...when);
    assert.deepEqual([migrated.from, migrated.to, migrated.done], ["simple", "native", false]);
  });

  it("hold for history, backups and check", async () => {
    assert.ok((await output("history", 0, "history")).runs.length > 0);
    assert.ok((await output("backups", 0, "backups")).backups.length > 0);
    assert.equal((await output("check", 0, "check", "--due-within", "100d")).violations.length > 0, true);
  });
});
