import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { describe, it } from "mocha";
import { repository, sandboxPaths } from "../paths";
import { waitFor } from "../process/waitFor";
import type { Sandbox } from "../sandbox";
import { sharedSandbox } from "../shared";
import { processesOf } from "../testing/processes";

const stackName = "dev";

describe("language host stand-in", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let folder: string;

  before(async function () {
    sandbox = await sharedSandbox();
    // Where there is Pulumi's own language host, the sandbox makes no stand-in.
    if (!existsSync(join(sandboxPaths(sandbox.dir).bin, "pulumi-language-nodejs"))) this.skip();
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "language-host-"));
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    cpSync(join(repository, "tsconfig.json"), join(folder, "tsconfig.json"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A project in the folder, as a user would have it. */
  async function project(program: string): Promise<Stack> {
    const name = folder.split("-").pop();
    const { PATH = "", ...env } = sandbox.env;
    process.env.PATH = PATH;
    writeFileSync(join(folder, "Pulumi.yaml"), `name: language-host-${name}\nmain: program.ts\nruntime: nodejs\n`);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "program", version: "1.0.0" }));
    writeFileSync(join(folder, "program.ts"), program);
    const options = { envVars: { ...env, PATH }, secretsProvider: "passphrase" };
    return LocalWorkspace.createStack({ stackName, workDir: folder }, options);
  }

  /** A policy pack beside the project that refuses everything. */
  function policyPack(): string {
    const pack = join(folder, "pack");
    mkdirSync(pack);
    writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\nmain: index.ts\n");
    writeFileSync(join(pack, "package.json"), JSON.stringify({ name: "pack", version: "1.2.3" }));
    cpSync(join(repository, "tsconfig.json"), join(pack, "tsconfig.json"));
    const source = `
      import { getStack } from "@pulumi/pulumi";
      import { PolicyPack, type StackValidationPolicy } from "@pulumi/policy";
      const nothing: StackValidationPolicy = {
        name: "nothing",
        description: "Refuses every stack",
        enforcementLevel: "mandatory",
        validateStack: (_, report) => report("refused: " + getStack()),
      };
      new PolicyPack("pack", { policies: [nothing] });
    `;
    writeFileSync(join(pack, "index.ts"), source);
    return pack;
  }

  it("runs a TypeScript program with the stack's configuration", async () => {
    const stack = await project(`
      import * as pulumi from "@pulumi/pulumi";
      const config: pulumi.Config = new pulumi.Config();
      export const out = { plain: config.require("plain"), list: config.requireObject<string[]>("list") };
      export const hidden = config.requireSecret("hidden");
      export const stack = pulumi.getStack();
    `);
    await stack.setConfig("plain", { value: "a:b" });
    await stack.setConfig("list[0]", { value: "one" }, true);
    await stack.setConfig("hidden", { value: "canary", secret: true });
    const { outputs } = await stack.up();
    assert.deepEqual(outputs.out?.value, { plain: "a:b", list: ["one"] });
    assert.deepEqual(outputs.hidden, { value: "canary", secret: true });
    assert.equal(outputs.stack?.value, stackName);
  });

  it("says once what went wrong in a program", async () => {
    const stack = await project(`
      import { RunError } from "@pulumi/pulumi";
      throw new RunError("no such thing");
    `);
    await assert.rejects(stack.up(), (error: Error) => {
      assert.match(error.message, /no such thing/);
      assert.doesNotMatch(error.message, /non-zero exit code/);
      return true;
    });
  });

  it("runs a policy pack for the stack", async () => {
    const stack = await project("export const out = 1;");
    await assert.rejects(stack.preview({ policyPacks: [policyPack()] }), (error: Error) => {
      assert.match(error.message, /pack@v1\.2\.3/);
      assert.match(error.message, /refused: dev/);
      return true;
    });
  });

  it("leaves no process when the engine is killed", async () => {
    await project(`
      import { writeFileSync } from "node:fs";
      writeFileSync("running", "");
      export const never = new Promise(() => setInterval(() => undefined, 1000));
    `);
    const engine = spawn("pulumi", ["up", "--yes", "--skip-preview", "--stack", stackName], {
      cwd: folder,
      env: { ...process.env, ...sandbox.env },
      stdio: "ignore",
    });
    const exited = once(engine, "exit");
    const running = () => processesOf(folder).filter((line) => /languageHost|cmd\/run/.test(line)).length >= 2;
    // Whether the program came up or not, nothing of it stays.
    await waitFor("the program", running, { timeoutMs: 30_000 }).finally(() => engine.kill("SIGKILL"));
    await exited;
    await waitFor("its processes to end", () => processesOf(folder).length === 0, { timeoutMs: 10_000 });
  });
});
