import { resolve } from "node:path";
import type { ExecDeclaration } from "../../../infra/config/rotatorsSchema";
import { RotatorError } from "./steps";
import type { Ask } from "./stepsBy";

/**
 * One process for each request. What it says on stderr, or when it fails, may name a value: it is not shown.
 *
 * @param folder  where it runs
 */
export function askProgram({ exec, environment }: ExecDeclaration, folder: string): Ask {
  const [name = "", ...args] = exec;
  const command = [name.includes("/") ? resolve(folder, name) : name, ...args];
  return async ({ ports, signal }, input) => {
    const run = { command, cwd: folder, environment, input, signal };
    const { by, stdout, stderrLines } = await ports.childProcess.run(run).catch((error: { code?: unknown }) => {
      throw new RotatorError(`${name} cannot be started (${String(error.code)})`);
    });
    const lines =
      stderrLines > 0 ? ` (it wrote ${stderrLines} lines to stderr, which may name a value: not shown)` : "";
    if (stdout === undefined)
      throw new RotatorError(`${name} was ended, since its answer was longer than 1 MB${lines}`);
    if (by !== 0)
      throw new RotatorError(`${name} ended with ${typeof by === "number" ? "exit code " : ""}${by}${lines}`);
    return stdout;
  };
}
