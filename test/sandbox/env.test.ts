import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { awsEnvironment, readEnvironment, writeEnvironment } from "./env";
import { sandboxPaths } from "./paths";

describe("env file of the sandbox", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "it's a sandbox "));
    const postgres = { port: 5432, password: "a'b\"c$(d)", certificate: undefined };
    const settings = { aws: awsEnvironment(4566), postgres, database: "shop", debugProviders: "aws:1,kubernetes:2" };
    writeEnvironment(sandboxPaths(dir), settings);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("means to a shell what it means to a test", () => {
    const command = '. "$1/env" && exec node -p "JSON.stringify(process.env)"';
    const base = { PATH: process.env.PATH ?? "" };
    const sourced = JSON.parse(
      execFileSync("/bin/sh", ["-c", command, "sh", dir], { env: base, encoding: "utf8" }),
    ) as object;
    const expected = readEnvironment(dir, base.PATH);
    assert.deepEqual({ ...sourced, ...expected }, sourced);
    assert.equal(expected.PGPASSWORD, "a'b\"c$(d)");
    assert.equal(expected.PULUMI_DEBUG_PROVIDERS, "aws:1,kubernetes:2");
    assert.ok(expected.PATH?.startsWith(join(dir, "bin:")) && expected.PATH.endsWith(base.PATH));
  });

  it("can be read by nobody else", () => {
    assert.equal(statSync(join(dir, "env")).mode & 0o777, 0o600);
  });

  it("is asked for where there is none", () => {
    assert.throws(() => readEnvironment(join(dir, "none")), /npm run sandbox/);
  });
});
