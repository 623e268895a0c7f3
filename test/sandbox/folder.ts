import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxPaths } from "./paths";
import { endProcesses } from "./process/endProcesses";
import { isRunning } from "./process/processTable";
import { registered } from "./process/registry";
import { waitFor } from "./process/waitFor";
import { readState } from "./state";

const mark = ".secret-rotation";
const earlierMs = 30_000;

/**
 * Makes the sandbox's folder empty but for its own folders.
 * @throws Error if it holds files of somebody else
 */
export async function prepareFolder(paths: SandboxPaths): Promise<void> {
  const earlier = readState(paths);
  if (earlier) {
    // An earlier main process was killed; its guard ends what that one left.
    await waitFor("the end of an earlier sandbox", () => !isRunning(earlier.guard), { timeoutMs: earlierMs });
    await endProcesses(registered(paths.registry).filter(isRunning)); // there are some only if the guard was killed too
  }
  if (existsSync(paths.dir)) {
    const names = readdirSync(paths.dir);
    if (names.length > 0 && !names.includes(mark)) {
      throw new Error(`${paths.dir} is not empty and no sandbox's folder: give an empty one or a new one`);
    }
    for (const name of names) rmSync(join(paths.dir, name), { recursive: true, force: true });
  }
  // Others may pass through it (PostgreSQL runs as another user when this is root), and see nothing.
  mkdirSync(paths.dir, { recursive: true });
  writeFileSync(
    join(paths.dir, mark),
    "The folder of a sandbox: everything in it is removed when the next one starts.\n",
  );
  for (const folder of [paths.logs, paths.podLogs, paths.pods, paths.kubernetes]) mkdirSync(folder, { mode: 0o700 });
}
