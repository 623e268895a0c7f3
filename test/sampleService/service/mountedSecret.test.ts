import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { typescriptArgs } from "../../sandbox/paths";
import { publishSecret } from "../publishSecret";
import { readMountedSecret } from "./mountedSecret";

describe("readMountedSecret", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mounted-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("reads what was published last", () => {
    publishSecret(directory, { username: "orders_a", password: "one" });
    publishSecret(directory, { username: "orders_b", password: "two" });
    const read = readMountedSecret(directory, ["username", "password"]);
    assert.deepEqual(read, { username: "orders_b", password: "two" });
  });

  it("reads plain files", () => {
    writeFileSync(join(directory, "SESSION_KEY"), "a key");
    assert.deepEqual(readMountedSecret(directory, ["SESSION_KEY"]), { SESSION_KEY: "a key" });
  });

  it("names the path of a key that is not there", () => {
    publishSecret(directory, { username: "orders_a" });
    assert.throws(() => readMountedSecret(directory, ["password"]), { code: "ENOENT", message: /password/ });
  });

  it("never mixes two versions, however often they change", async function () {
    this.timeout(40_000);
    publishSecret(directory, { username: "0", password: "0" });
    const publisher = new Worker(join(__dirname, "publisher.ts"), {
      workerData: directory,
      execArgv: [...typescriptArgs],
    });
    const seen = new Set<string>();
    try {
      const deadline = Date.now() + 30_000;
      while (seen.size < 200 && Date.now() < deadline) {
        const { username, password } = readMountedSecret(directory, ["username", "password"]);
        assert.equal(username, password);
        seen.add(username);
      }
    } finally {
      await publisher.terminate();
    }
    assert.ok(seen.size >= 200, `only ${seen.size} versions were seen`);
  });
});
