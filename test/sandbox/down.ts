import { askControl } from "./control";
import { sandboxPaths } from "./paths";
import { endProcesses } from "./process/endProcesses";
import { isRunning, sendSignal } from "./process/processTable";
import { registered } from "./process/registry";
import { waitFor } from "./process/waitFor";
import { readState, type SandboxState } from "./state";

const answerMs = 5000;
const stopMs = 20_000;
const guardMs = 30_000;

/** Asks the main process to stop, and kills it if it does not: its guard then ends the rest. */
async function stopMain(dir: string, { main, token }: SandboxState): Promise<void> {
  try {
    await askControl(dir, token, "/stop", answerMs);
    await waitFor("the sandbox to stop", () => !isRunning(main), { timeoutMs: stopMs });
  } catch {
    // The start time that goes with the pid proves that this is the process that wrote the file.
    if (isRunning(main)) sendSignal(main.pid, "SIGKILL");
  }
}

/**
 * Stops the sandbox that runs in a folder and waits until no process of it is left.
 * @returns false if none runs there
 * @throws Error if something is left
 */
export async function stopSandbox(dir: string): Promise<boolean> {
  const paths = sandboxPaths(dir);
  const state = readState(paths);
  if (!state) return false;
  const { main, guard } = state;
  const left = () => registered(paths.registry).filter(isRunning);
  if (!isRunning(main) && !isRunning(guard) && left().length === 0) return false;
  if (isRunning(main)) await stopMain(dir, state);
  await waitFor("the guard to end the rest", () => !isRunning(main) && !isRunning(guard), { timeoutMs: guardMs });
  await endProcesses(left()); // there are some only if the guard was killed too
  return true;
}
