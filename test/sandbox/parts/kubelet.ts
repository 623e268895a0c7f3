import { join } from "node:path";
import { readyLine } from "../kubelet/settings";
import { repository, type SandboxPaths, typescriptArgs } from "../paths";
import type { Part } from "../process/parts";

/** The process kubelet: it runs the containers of pods as local processes. */
export function kubeletPart(paths: SandboxPaths, env: Readonly<Record<string, string>> = {}): Part {
  return {
    name: "kubelet",
    command: process.execPath,
    args: [...typescriptArgs, join(__dirname, "..", "kubelet", "main.ts")],
    cwd: repository,
    env: { ...env, KUBECONFIG: paths.kubeconfig, SANDBOX_DIR: paths.dir },
    ready: (output) => output().includes(readyLine),
  };
}
