import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "./progress";
import { findOnPath, run } from "./run";

export const oldestGo = "1.26";

export interface GoBuild {
  /** The folder of the go.mod that pins everything. */
  readonly module: string;
  readonly packages: readonly string[];
  /** A folder (with a slash at the end), or a file for one package. */
  readonly output: string;
  readonly ldflags: string;
}

/** @throws Error that says what to install */
export function requireGo(purpose: string): string {
  const go = findOnPath("go");
  if (!go) {
    throw new Error(
      `Go is needed once, to build ${purpose}, and there is no \`go\` on PATH. Install Go ${oldestGo} or newer (https://go.dev/dl/).`,
    );
  }
  return go;
}

/** Builds packages with two jobs at most; the task's note says how far it is. */
export async function goBuild({ module, packages, output, ldflags }: GoBuild, task: Task): Promise<void> {
  let compiled = 0;
  const onLine = (line: string) => {
    if (line.startsWith("go: downloading ")) task.note(line.slice("go: ".length));
    else if (/^[\w./-]+$/.test(line)) task.note(`${++compiled} packages compiled, ${line}`);
  };
  const args = ["build", "-v", "-p", "2", "-trimpath", "-ldflags", ldflags, "-o", output, ...packages];
  await run(requireGo(packages.join(", ")), args, { cwd: module, onLine });
}

/** The folder of a required module's sources in the module cache, downloaded if need be. */
export async function moduleFolder(module: string, name: string): Promise<string> {
  const go = requireGo(name);
  await run(go, ["mod", "download", name], { cwd: module });
  return (await run(go, ["list", "-m", "-f", "{{.Dir}}", name], { cwd: module })).trim();
}

/** A scratch folder beside the result, removed afterwards. */
export async function withScratch<T>(folder: string, use: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = join(folder, ".scratch");
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
