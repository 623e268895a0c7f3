import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../sandbox/paths";

const bin = join(repository, "node_modules/.bin/depcruise");
const rules = join(repository, ".dependency-cruiser.mjs");

/** Each breaks one rule: its file, what that imports, and the rule; without one it is there to be imported. */
const wrong = [
  [
    "infra/names.ts",
    'import type { StackConfig } from "./config/stackConfig";',
    "infra/names.ts is not above infra/config",
  ],
  ["infra/config/stackConfig.ts", 'export type { Rotation } from "../rotation";', "infra/config is not above infra"],
  ["infra/rotation.ts", 'import "../rotation/errors";', "infra is not above rotation/*.ts"],
  ["rotation/errors.ts", 'type Run = import("./run/run").Run;', "rotation/*.ts is not above rotation/run"],
  [
    "rotation/run/run.ts",
    'export const lazily = () => import("../commands/rotate");',
    "rotation/run is not above rotation/commands",
  ],
  [
    "rotation/plan/one.ts",
    'const x = require("../gates/gate") as typeof import("../gates/gate");',
    "rotation/plan is not above rotation/gates",
  ],
  ["rotation/gates/gate.ts", 'import "../policy/policy";', "rotation/gates is not above rotation/policy"],
  ["rotation/policy/policy.ts", 'import "../unknown/module";', ""],
  ["rotation/unknown/module.ts", 'import "../errors";', "every folder has a line among the layers"],
  ["rotation/commands/rotate.ts", 'import "../cli";', "rotation/commands is not above rotation/cli.ts"],
  ["rotation/cli.ts", 'import "../test/sandbox";', "the product imports no test"],
  ["rotation/audit/circle.ts", 'import type { Other } from "./other";', "no circles"],
  ["rotation/audit/other.ts", 'import type { Circle } from "./circle";', ""],
  ["rotation/audit/gone.ts", 'import "./nowhere";', "every import is found"],
  ["rotation/audit/lint.ts", 'import "eslint";', "the product needs no devDependency"],
  [
    "rotation/audit/sdk.ts",
    'import type { S3Client } from "@aws-sdk/client-s3";',
    "only the ports talk to other systems",
  ],
  ["rotation/audit/engine.ts", 'import "@pulumi/pulumi/automation";', "only the stack drives the engine"],
  [
    "rotation/rotators/web.ts",
    'import { request } from "node:https";',
    "rotators, consumers, values and gates do no I/O but through the ports",
  ],
  ["infra/database.ts", 'import { Client } from "pg";', "infra/ talks to nobody but by Pulumi"],
  ["infra/pack.ts", 'import "../policies/index";', "of policies/ only the rules are imported"],
  ["policies/index.ts", 'import "../infra/names";', "policies/ imports no sibling"],
  ["policies/iam.ts", 'import "@aws-sdk/client-kms";', "of the pack one module asks AWS"],
  ["policies/rules/age.ts", 'import { z } from "zod";', "the rules need no package"],
  ["test/sandbox.ts", "export {};", ""],
] as const;

describe("the layers", function () {
  this.timeout(120_000);

  it("hold: nothing imports from a layer above its own, and nothing in a circle", async () => {
    assert.deepEqual(await brokenIn(repository), []);
  });

  it("are seen to be broken, by types and lazy imports too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "layers-"));
    try {
      symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
      cpSync(join(repository, "package.json"), join(folder, "package.json"));
      for (const [file, text] of wrong) {
        mkdirSync(join(folder, dirname(file)), { recursive: true });
        writeFileSync(join(folder, file), `${text}\n`);
      }
      const broken = await brokenIn(folder);
      for (const [file, , rule] of wrong)
        if (rule !== "") assert.ok(broken.includes(`${file}: ${rule}`), `${file}: ${rule}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Which file breaks which rule. */
async function brokenIn(cwd: string): Promise<string[]> {
  const args = [bin, "--config", rules, "--output-type", "json", "infra", "rotation", "policies", "test"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  const { summary } = JSON.parse(stdout);
  return summary.violations.map(({ from, rule }: { from: string; rule: { name: string } }) => `${from}: ${rule.name}`);
}
