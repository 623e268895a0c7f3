import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { typescriptArgs } from "../paths";
import { processesOf } from "../testing/processes";
import { endProcesses } from "./endProcesses";
import { gatedSpawn } from "./gatedSpawn";
import { openLog } from "./parts";
import { isRunning, processTable, withDescendants } from "./processTable";
import { registered } from "./registry";
import { waitFor } from "./waitFor";

describe("processes of the sandbox", function () {
  this.timeout(20_000);
  let dir: string;
  let registry: string;
  let log: number;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "processes-"));
    registry = join(dir, "list");
    log = openSync(join(dir, "log"), "a");
  });
  afterEach(async () => {
    await endProcesses(registered(registry));
    rmSync(dir, { recursive: true });
  });

  const start = (command: string, env: Record<string, string> = {}) => {
    const what = { name: "test", kind: "part", endBy: "SIGTERM" } as const;
    return gatedSpawn({ ...what, command: "/bin/sh", args: ["-c", command], env, cwd: dir, log, registry });
  };

  it("are in the list before they run, with the environment they were given", async () => {
    const { child, identity } = await start("env; cat list", { GREETING: "it's me" });
    await once(child, "exit");
    const output = readFileSync(join(dir, "log"), "utf8");
    assert.match(output, /^GREETING=it's me$/m);
    assert.match(output, new RegExp(`"pid":${identity.pid},"startTime":"${identity.startTime}"`));
  });

  it("are ready by what they write themselves, not by what an earlier one has written into their log", () => {
    const written = () => {
      const { descriptor, output } = openLog(join(dir, "log"));
      const before = output();
      writeSync(descriptor, "it serves\n");
      closeSync(descriptor);
      return [before, output()];
    };
    for (let i = 0; i < 2; i++) assert.deepEqual(written(), ["", "it serves\n"]);
  });

  it("never run if whoever starts them dies first", async () => {
    const script = `
      const { gatedSpawn } = require("./gatedSpawn");
      const registry = require("./registry");
      const { appendFileSync } = require("node:fs");
      registry.register = () => { appendFileSync(process.argv[1] + "/reached", ""); process.kill(process.pid, "SIGKILL"); };
      void gatedSpawn({ name: "x", kind: "part", endBy: "SIGTERM", command: "/bin/sh", args: ["-c", "echo > ran"],
        env: {}, cwd: process.argv[1], log: 2, registry: "unused" });
    `;
    const starter = spawn(process.execPath, [...typescriptArgs, "-e", script, dir], {
      cwd: __dirname,
      stdio: "ignore",
    });
    const [, signal] = (await once(starter, "exit")) as [number | null, string | null];
    assert.equal(signal, "SIGKILL");
    assert.ok(existsSync(join(dir, "reached")));
    await waitFor("the gate to close", () => processesOf(dir).length === 0, { timeoutMs: 5000 });
    assert.ok(!existsSync(join(dir, "ran")));
  });

  it("are ended with what they have started, by force if need be, paused or not", async () => {
    const stubborn = await start('trap "" TERM; sleep 1000 & sleep 1000; sleep 1000');
    const paused = await start("sleep 1000");
    paused.child.kill("SIGSTOP");
    await waitFor("the child processes", () => withDescendants(stubborn.identity.pid).length === 3, {
      timeoutMs: 5000,
    });
    const groups = registered(registry).map(({ pid }) => pid);
    await endProcesses(registered(registry));
    assert.deepEqual(
      processTable().filter(({ group }) => groups.includes(group)),
      [],
    );
  });

  it("are left alone if the pid is that of another process by now", async () => {
    const { identity } = await start("sleep 1000");
    await endProcesses([{ ...identity, startTime: "1", name: "test", kind: "part", endBy: "SIGKILL" }]);
    assert.ok(isRunning(identity));
  });
});
