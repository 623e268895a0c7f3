import { readFileSync } from "node:fs";
import type { SandboxPaths } from "./paths";
import { writeAtomically } from "./process/atomicFile";
import type { ProcessIdentity } from "./process/processTable";

/** What sandbox.json says: who runs the sandbox of this folder. It is there as long as anything of it runs. */
export interface SandboxState {
  readonly main: ProcessIdentity;
  readonly guard: ProcessIdentity;
  /** Proves to the main process that a request comes from who may read the folder. */
  readonly token: string;
}

export function writeState(paths: SandboxPaths, state: SandboxState): void {
  writeAtomically(paths.state, `${JSON.stringify(state)}\n`);
}

export function readState(paths: SandboxPaths): SandboxState | undefined {
  try {
    return JSON.parse(readFileSync(paths.state, "utf8")) as SandboxState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
