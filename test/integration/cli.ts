import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { repository, typescriptArgs } from "../sandbox/paths";

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when its output contains this text, or when the command has ended. */
  says(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

/** The driver as its users run it: a process of its own, in the project's folder. */
export function cli(folder: string, ...args: string[]): Running {
  return started(folder, [process.execPath, ...driver, ...args], "ignore");
}

/** The same as somebody else: with these variables and no others. */
export function cliAs(env: NodeJS.ProcessEnv, folder: string, ...args: string[]): Running {
  return started(folder, [process.execPath, ...driver, ...args], "ignore", env);
}

/** The same on a terminal: what it is told on stdin is typed there. Everything that it says is on stdout. */
export function cliOnTerminal(folder: string, ...args: string[]): Running {
  const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
  // A new one is 0 characters wide, and every line of it broken.
  const sized = ["sh", "-c", 'stty cols 200 rows 50; exec "$@"', "sh"];
  return started(folder, ["python3", "-c", terminal, ...sized, process.execPath, ...driver, ...args], "pipe");
}

const driver = [...typescriptArgs, join(repository, "rotation/main.ts")];

function started(
  folder: string,
  [command = "", ...args]: readonly string[],
  stdin: "ignore" | "pipe",
  env = process.env,
): Running {
  const child = spawn(command, args, { cwd: folder, env, stdio: [stdin, "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  const output = new EventEmitter();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (chunk) => {
      said[name] += chunk;
      output.emit("data");
    });
  }
  const finished = once(child, "close").then(([code, signal]) => ({ code, signal, ...said }));
  const says = async (text: string) => {
    const isSaid = () => Object.values(said).some((all) => all.includes(text));
    while (!isSaid() && child.exitCode === null && child.signalCode === null) {
      await Promise.race([once(output, "data"), finished]);
    }
  };
  return { child, says, finished };
}
