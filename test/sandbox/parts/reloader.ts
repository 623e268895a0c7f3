import { join } from "node:path";
import { repository, type SandboxPaths, typescriptArgs } from "../paths";
import type { Part } from "../process/parts";

/** Says of either that it watches. */
const watching = /reloader: watching|Starting Controller to watch resource type: secrets/;

/**
 * Stakater Reloader, by a stand-in: its Go module is on no proxy. Where the variable RELOADER names its binary, that one is run.
 *
 * @param flags  as the real one takes them
 */
export function reloaderPart({ kubeconfig }: Pick<SandboxPaths, "kubeconfig">, flags: readonly string[]): Part {
  const { RELOADER: binary } = process.env;
  const script = join(__dirname, "..", "standins", "reloader", "main.ts");
  return {
    name: binary ? "reloader" : "reloader-standin",
    command: binary ?? process.execPath,
    args: binary ? [...flags] : [...typescriptArgs, script, ...flags],
    cwd: repository,
    env: { KUBECONFIG: kubeconfig },
    ready: (output) => watching.test(output()),
  };
}
