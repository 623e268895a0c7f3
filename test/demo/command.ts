import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { sendSignal } from "../sandbox/process/processTable";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Laid over this process's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts the command, as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
  readonly onStarted?: (pid: number) => void;
  /** Each line as it is written. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface EndedCommand {
  /** null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
}

const killAfterMs = 20_000;

/**
 * Runs a command to its end, in a process group of its own: Ctrl-C in a terminal reaches it once only, by this process.
 * What does not end by that is killed with all that it started.
 *
 * @throws the signal's reason when it was interrupted, after it has ended; Error when it cannot be started
 */
export async function run(command: Command): Promise<EndedCommand> {
  command.signal?.throwIfAborted();
  const startedMs = Date.now();
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    createInterface({ input: child[stream] }).on("line", (line) => {
      output[stream] += `${line}\n`;
      command.onLine?.(line, stream);
    });
  }
  const closed = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const { pid } = child;
  if (pid !== undefined) command.onStarted?.(pid);
  const released = pid === undefined ? () => undefined : interruptOn(command.signal, pid);
  try {
    const exitCode = await closed;
    command.signal?.throwIfAborted();
    return { exitCode, ...output, startedMs, endedMs: Date.now() };
  } finally {
    released();
  }
}

/** Interrupts the process when the signal says so, and kills its group if that takes too long. @returns ends the watching */
function interruptOn(signal: AbortSignal | undefined, pid: number): () => void {
  let killing: NodeJS.Timeout | undefined;
  const interrupt = () => {
    sendSignal(pid, "SIGINT");
    killing = setTimeout(() => sendSignal(-pid, "SIGKILL"), killAfterMs);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  return () => {
    clearTimeout(killing);
    signal?.removeEventListener("abort", interrupt);
  };
}

/** As `run`. @throws Error with the end of its output, too, when it fails */
export async function succeed(command: Command): Promise<EndedCommand> {
  const ended = await run(command);
  if (ended.exitCode === 0) return ended;
  const tail = `${ended.stdout}${ended.stderr}`.trim().split("\n").slice(-40).join("\n");
  const shown = [command.command, ...command.args].join(" ");
  throw new Error(`${shown} failed (${ended.exitCode === null ? "killed" : `exit code ${ended.exitCode}`}):\n${tail}`);
}
