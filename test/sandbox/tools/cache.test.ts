import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { installed, type Recipe } from "./cache";
import type { Task } from "./progress";

describe("cache of tools", () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "tool-cache-"));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  let said: string[] = [];
  const begin = (title: string): Task => ({
    note: (text) => said.push(`${title}: ${text}`),
    done: (result) => said.push(`${title} done, ${result}`),
    skip: (reason) => said.push(`${title} skipped, ${reason}`),
    fail: () => said.push(`${title} failed`),
  });
  const recipe = (build: (folder: string) => Promise<void>): Recipe => ({ name: "tool-1.0", title: "tool", build });

  it("builds once, though two ask at the same time", async () => {
    said = [];
    let builds = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tool = recipe(async (folder) => {
      builds++;
      await held;
      await writeFile(join(folder, "binary"), "made");
    });
    const both = Promise.all([installed(tool, begin, cache), installed(tool, begin, cache)]);
    while (said.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(said, ["tool: another process builds it, waiting for that"]);
    release();
    const [first, second] = await both;
    assert.equal(first, second);
    assert.equal(readFileSync(join(first, "binary"), "utf8"), "made");
    await installed(tool, begin, cache);
    assert.equal(builds, 1);
    assert.deepEqual(readdirSync(cache), ["tool-1.0"]);
  });

  it("keeps nothing of a build that failed", async () => {
    const failing = recipe(async (folder) => {
      await writeFile(join(folder, "half"), "");
      throw new Error("no compiler");
    });
    await assert.rejects(installed(failing, begin, cache), /no compiler/);
    assert.deepEqual(readdirSync(cache), []);
    await installed(
      recipe(async () => undefined),
      begin,
      cache,
    );
    assert.deepEqual(readdirSync(cache), ["tool-1.0"]);
  });
});
