import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { sandboxPaths } from "./paths";
import { isRunning, processTable, sendSignal } from "./process/processTable";
import { registered } from "./process/registry";
import { waitFor } from "./process/waitFor";
import { connectSandbox, startSandbox } from "./sandbox";
import { sharedSandbox } from "./shared";
import { readState } from "./state";
import { processesOf } from "./testing/processes";
import { runMain } from "./testing/runMain";
import { query, superuserLogin } from "./testing/superuser";

describe("the end of a sandbox", function () {
  this.timeout(120_000);
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "secret-rotation-end-"));
    chmodSync(dir, 0o755); // so that postgres has its files there, whoever it runs as
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const nothingLeft = () =>
    waitFor("its processes to be gone", () => processesOf(dir).length === 0, { timeoutMs: 15_000 });

  it("leaves no process and no credentials after SIGKILL of the main process, even with a part that is paused", async () => {
    const sandbox = await startSandbox({ dir });
    sandbox.part("external-secrets").pause();
    const state = readState(sandboxPaths(dir));
    assert.ok(state);
    const started = registered(sandboxPaths(dir).registry);
    assert.ok(started.length >= 7 && started.every(isRunning));
    sendSignal(state.main.pid, "SIGKILL");
    await nothingLeft();
    assert.deepEqual(started.filter(isRunning), []);
    assert.equal(processTable().filter(({ group }) => started.some(({ pid }) => pid === group)).length, 0);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });

  it("comes with `npm run sandbox:down`, which waits for it and leaves another sandbox alone", async () => {
    const shared = await sharedSandbox();
    const second = await startSandbox({ dir });
    const logins = await Promise.all([superuserLogin(shared), superuserLogin(second)]);
    assert.notEqual(logins[0].port, logins[1].port);
    assert.ok(processesOf(dir).length >= 9);
    const down = await runMain(dir, "downMain.ts");
    assert.deepEqual([down.code, processesOf(dir)], [0, []]);
    assert.match(down.output, /is stopped/);
    await query(logins[0], "SELECT 1");
    await assert.rejects(query(logins[1], "SELECT 1"), /ECONNREFUSED/);
    assert.match((await runMain(dir, "downMain.ts")).output, /No sandbox runs/);
    assert.throws(() => connectSandbox(dir), /npm run sandbox/);
  });

  it("comes with the reason and leaves nothing when a part does not start", async () => {
    const starting = startSandbox({ dir, env: { KUBELET_REFRESH_DELAY_MS: "soon" } });
    await assert.rejects(starting, /exit code 1\).*kubelet ended.*KUBELET_REFRESH_DELAY_MS must be a number/s);
    assert.deepEqual(processesOf(dir), []);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });

  it("comes while it is still starting", async () => {
    const starting = startSandbox({ dir });
    await waitFor("the first part", () => registered(sandboxPaths(dir).registry).length > 0, { timeoutMs: 30_000 });
    const state = readState(sandboxPaths(dir));
    assert.ok(state);
    sendSignal(state.main.pid, "SIGINT");
    await assert.rejects(starting, /did not start \(exit code 130\)/);
    assert.deepEqual(processesOf(dir), []);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });
});
