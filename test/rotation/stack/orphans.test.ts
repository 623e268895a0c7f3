import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { endOrphans, engineMark, markOf } from "../../../rotation/stack/orphans";
import { processEntry } from "../../sandbox/process/processTable";

/** A process whose parent has ended. */
function orphan(mark: string): number {
  const env = { ...process.env, [engineMark]: mark };
  return Number(execFileSync("sh", ["-c", "sleep 300 >/dev/null 2>&1 & echo $!"], { env, encoding: "utf8" }));
}

describe("what a killed engine leaves running", () => {
  it("is ended, and nothing of another stack, nor of an engine that lives", async () => {
    const [own, other] = [markOf("/project", "dev"), markOf("/project", "prod")];
    const left = orphan(own);
    const foreign = orphan(other);
    const living = spawn("sh", ["-c", "sleep 300 & echo $!; wait"], {
      argv0: "pulumi",
      env: { ...process.env, [engineMark]: own },
    });
    const child = await new Promise<number>((resolve) => living.stdout.once("data", (text) => resolve(Number(text))));
    try {
      await endOrphans(own);
      assert.deepEqual(
        [left, foreign, child].map((pid) => processEntry(pid) !== undefined),
        [false, true, true],
      );
    } finally {
      for (const pid of [foreign, child]) process.kill(pid);
      living.kill();
    }
  });
});
