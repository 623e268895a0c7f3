import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childProcess, longestAnswer } from "../../../rotation/ports/childProcess";
import { waitFor } from "../../sandbox/process/waitFor";

const run = (command: readonly string[], more: { input?: string; environment?: string[]; signal?: AbortSignal } = {}) =>
  childProcess.run({
    command,
    cwd: tmpdir(),
    environment: [],
    input: "",
    signal: AbortSignal.timeout(30_000),
    ...more,
  });
const sh = (script: string, more: Parameters<typeof run>[1] = {}) => run(["sh", "-c", script], more);

describe("a program that is run to its end", function () {
  this.timeout(60_000);

  it("gets its input on stdin alone, and a small environment", async () => {
    const canaries = {
      AWS_SECRET_ACCESS_KEY: "canary-1",
      PULUMI_CONFIG_PASSPHRASE: "canary-2",
      ACME_URL: "http://acme",
    };
    const before = { ...process.env };
    Object.assign(process.env, canaries);
    try {
      const shows = "tr '\\0' '\\n' < /proc/$$/environ; tr '\\0' ' ' < /proc/$$/cmdline; cat";
      const { by, stdout = "" } = await sh(shows, { input: "a value", environment: ["ACME_URL"] });
      assert.equal(by, 0);
      assert.match(stdout, /^PATH=/m);
      assert.match(stdout, /^ACME_URL=http:\/\/acme$/m);
      assert.doesNotMatch(stdout, /canary/);
      assert.equal(stdout.split("a value").length, 2, "once, from stdin");
      const allowed =
        /^(PATH|HOME|TZ|TMPDIR|(https?|no|all)_proxy|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS|ACME_URL|PWD|OLDPWD|SHLVL|_)=/i;
      const names =
        stdout
          .split("sh -c")[0]
          ?.split("\n")
          .filter((line) => /^\w+=/.test(line)) ?? [];
      assert.deepEqual(
        names.filter((line) => !allowed.test(line)).map((line) => line.split("=")[0]),
        [],
      );
    } finally {
      for (const name of Object.keys(canaries)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it("tells how it has ended, and of stderr only how much that was", async () => {
    assert.deepEqual(await sh("echo one; echo two >&2; echo three >&2; exit 3"), {
      by: 3,
      stdout: "one\n",
      stderrLines: 2,
    });
    assert.equal((await sh("kill -9 $$")).by, "SIGKILL");
  });

  it("may end without having read its input", async () => {
    assert.equal((await sh("exit 0", { input: "x".repeat(1 << 20) })).by, 0);
  });

  it("that is not there, or no program, cannot be started", async () => {
    await assert.rejects(run(["./no-such-program"]), { code: "ENOENT" });
    await assert.rejects(run([tmpdir()]), { code: "EACCES" });
  });

  it("is ended when it answers too much", async () => {
    const { stdout } = await sh("exec yes");
    assert.equal(stdout, undefined);
    const most = await sh(`head -c ${longestAnswer} /dev/zero`);
    assert.equal(most.stdout?.length, longestAnswer);
  });

  it("is ended with all that it has started when its time is over, also where it does not care for SIGTERM", async () => {
    const folder = mkdtempSync(join(tmpdir(), "child-process-"));
    const [file, control] = [join(folder, "pids"), new AbortController()];
    try {
      const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ >> ${file}; while :; do sleep 1; done' & echo $$ >> ${file}; wait`;
      const running = sh(script, { signal: control.signal });
      const pids = await waitFor("both", () => both(file), { timeoutMs: 20_000 });
      control.abort();
      assert.equal((await running).by, "SIGKILL");
      await waitFor("the end of both", () => pids.every((pid) => !isAlive(pid)), { timeoutMs: 10_000 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is not waited for because of what it has left in the background", async () => {
    const started = Date.now();
    const { by, stdout } = await sh("sleep 25 & echo done");
    assert.deepEqual([by, stdout], [0, "done\n"]);
    assert.ok(Date.now() - started < 20_000);
  });
});

function both(file: string): number[] | undefined {
  const pids = readFileSync(file, "utf8").trim().split("\n").map(Number);
  return pids.length === 2 ? pids : undefined;
}

/** One that has ended and nobody has asked for yet is a zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
