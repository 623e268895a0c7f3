import assert from "node:assert/strict";
import { engineError } from "../../../rotation/stack/engineError";

/** As the Automation API throws it. */
const failed = (output: string, err: { exitCode?: number; signal?: string }) =>
  Object.assign(new Error(`code: -2\n stdout: \n stderr: ${output}\n err?: Error`), { commandResult: { err } });

describe("the engine's error", () => {
  it("is its lines that say what is wrong, each once", () => {
    const output =
      "Diagnostics:\n  aws:secret (one):\n    error: AccessDenied: no\n    error: AccessDenied: no\nerror: update failed";
    assert.equal(engineError(failed(output, { exitCode: 255 })).message, "AccessDenied: no; update failed");
  });

  it("of one that was killed names the signal", () => {
    const killed = failed("Command was killed", { signal: "SIGKILL" });
    assert.equal(engineError(killed).message, "the engine ended before the update did (SIGKILL)");
  });

  it("of one that crashed tells the assertion that failed", () => {
    const output =
      "panic: fatal: An assertion has failed: old and new resource IDs must be equal\n\ngoroutine 7 [running]:";
    assert.equal(
      engineError(failed(output, { exitCode: 2 })).message,
      "the engine ended before the update did (exit code 2, it crashed: fatal: An assertion has failed: old and new resource IDs must be equal)",
    );
  });

  it("of another crash tells nothing that could have a value in it", () => {
    const { message } = engineError(failed("panic: unexpected hunter2\n", { exitCode: 2 }));
    assert.equal(message, "the engine ended before the update did (exit code 2, it crashed: a panic)");
  });

  it("of a state that Pulumi finds invalid says which command repairs it", () => {
    const output = [
      "The Pulumi CLI encountered a snapshot integrity error. This is a bug!",
      "Pulumi Version:    3.255.0",
      "Error:             failed to verify snapshot: resource a refers to missing dependency b",
    ].join("\n");
    assert.equal(
      engineError(failed(output, { exitCode: 255 })).message,
      "Pulumi finds the stack's state invalid (failed to verify snapshot: resource a refers to missing dependency b): see `pulumi state repair --help`",
    );
  });

  it("is told as it is where it is none of the engine's", () => {
    assert.equal(engineError(new Error("no space left on device")).message, "no space left on device");
  });
});
