import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** The programs and policy packs that run at the moment. They must not outlive the language host. */
const children = new Set<ChildProcess>();

export function startChild(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

export function endChildren(signal: NodeJS.Signals): void {
  for (const child of children) child.kill(signal);
}
