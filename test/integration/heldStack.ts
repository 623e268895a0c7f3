import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { sandboxDirectory, sandboxPaths } from "../sandbox/paths";
import { waitFor } from "../sandbox/process/waitFor";

/** Where the backend keeps the stack's locks. */
export function lockFolder(stack: string): string {
  return join(sandboxPaths(sandboxDirectory()).pulumiState, ".pulumi/locks/organization/secret-rotation", stack);
}

/** Takes the stack's lock as an update on another machine does, one with the name that this one has. */
export function holdStack(stack: string) {
  // A process of this id there is none here.
  const lock = { pid: 4711_0815, username: "ci", hostname: hostname(), timestamp: new Date().toISOString() };
  const file = join(lockFolder(stack), "0b7d5e7e-0000-4000-8000-000000000000.json");
  mkdirSync(lockFolder(stack), { recursive: true });
  writeFileSync(file, JSON.stringify(lock));
  const heldMs = Date.now();
  const release = () => rmSync(file, { force: true });
  return {
    file,
    lock,
    release,
    /** When an update of the driver's has been refused: its note of it is there, and gone then. */
    async releaseOnceRefused(): Promise<void> {
      const isTrying = () => startsOf(stack).some((startedMs) => startedMs >= heldMs);
      await waitFor("an update", isTrying, { timeoutMs: 60_000 });
      await waitFor("its end", () => !isTrying(), { timeoutMs: 60_000 });
      release();
    },
  };
}

function startsOf(stack: string): number[] {
  const notes = readdirSync(join(process.env.PULUMI_HOME ?? "", "secret-rotation", "updates"));
  return notes.flatMap((name) => (name.startsWith(`${stack}@`) ? Number(/@(\d+)-/.exec(name)?.[1] ?? 0) : []));
}
