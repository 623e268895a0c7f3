import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const repository = resolve(__dirname, "../..");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when a line of stderr contains this text, or when the command has ended. */
  says(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

/** The driver as its users run it: a process of its own, in the project's folder. */
export function cli(folder: string, ...args: string[]): Running {
  const command = [
    "-r",
    resolve(repository, "node_modules/ts-node/register/transpile-only"),
    resolve(repository, "rotation/main.ts"),
    ...args,
  ];
  const env = { ...process.env, TS_NODE_PROJECT: resolve(repository, "tsconfig.json") };
  const child = spawn(process.execPath, command, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const finished = once(child, "close").then(([code, signal]) => ({ code, signal, stdout, stderr }));
  const says = async (text: string) => {
    while (!stderr.includes(text) && child.exitCode === null && child.signalCode === null) {
      await Promise.race([once(child.stderr, "data"), finished]);
    }
  };
  return { child, says, finished };
}
