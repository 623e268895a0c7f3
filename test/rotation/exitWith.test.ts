import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { repository, typescriptArgs } from "../sandbox/paths";

describe("the end of the process", () => {
  const size = 3_000_000;
  const started = () => {
    const code = `process.stdout.write("x".repeat(${size})); require("./rotation/exitWith").exitWith(3);`;
    return spawn(process.execPath, [...typescriptArgs, "-e", code], {
      cwd: repository,
      stdio: ["ignore", "pipe", "inherit"],
    });
  };

  it("comes when a slow reader has all that was written, with its exit code", async () => {
    const child = started();
    const exited = once(child, "exit");
    await once(child.stdout, "readable");
    // It would have ended by now.
    await Promise.race([exited, delay(500)]);
    assert.equal((await buffer(child.stdout)).length, size);
    assert.equal((await exited)[0], 3);
  });

  it("comes when the reader has gone", async () => {
    const child = started();
    await once(child.stdout, "readable");
    child.stdout.destroy();
    assert.equal((await once(child, "exit"))[0], 3);
  });
});
