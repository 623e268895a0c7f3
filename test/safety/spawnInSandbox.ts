import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { repository, sandboxPaths, typescriptArgs } from "../sandbox/paths";
import { register } from "../sandbox/process/registry";
import type { Sandbox } from "../sandbox/sandbox";

/** Starts a TypeScript file with the sandbox's variables. Whatever happens to this process, it ends with the sandbox. */
export function spawnInSandbox(
  { env, dir }: Sandbox,
  script: string,
  args: readonly string[],
  more: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [...typescriptArgs, script, ...args], {
    cwd: repository,
    env: { ...process.env, ...env, ...more },
    detached: true,
  });
  if (child.pid === undefined) throw new Error(`${script} could not be started`);
  register(sandboxPaths(dir).registry, child.pid, { name: script, kind: "part", endBy: "SIGKILL" });
  return child;
}
