import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, type EndedCommand, succeed } from "../../demo/command";
import { repository } from "../../sandbox/paths";

/** A clone of what is committed here, as a new user has it: without packages. */
export interface FreshClone {
  /** Runs a command in it. @returns the seconds that it took. @throws Error with the end of its output when it fails */
  run(command: string, args: readonly string[], options?: Partial<Command>): Promise<number>;
}

/** Makes a clone in a temporary folder, which is removed at the end. */
export async function inFreshClone<T>(
  signal: AbortSignal,
  use: (clone: FreshClone, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "secret-rotation-clone-"));
  const cwd = join(folder, "secret-rotation");
  try {
    await succeed({ command: "git", args: ["clone", "-q", repository, cwd], cwd: folder, env: {}, signal });
    const run: FreshClone["run"] = async (command, args, options) =>
      secondsOf(await succeed({ command, args, cwd, env: {}, signal, ...options }));
    return await use({ run }, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function secondsOf({ startedMs, endedMs }: EndedCommand): number {
  return (endedMs - startedMs) / 1000;
}
