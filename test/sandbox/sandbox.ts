import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { askControl } from "./control";
import { stopSandbox } from "./down";
import { readEnvironment } from "./env";
import { createPartHandle, type PartHandle, type PartName } from "./partHandle";
import { repository, sandboxPaths, typescriptArgs } from "./paths";
import { readState } from "./state";

/** A running sandbox. */
export interface Sandbox {
  readonly dir: string;
  /** The variables that `.sandbox/env` exports, PATH completed with this process's own: to be laid over process.env. */
  readonly env: Readonly<Record<string, string>>;
  /** A server of the sandbox, to be disturbed. */
  part(name: PartName): PartHandle;
  /** Stops the sandbox and waits until no process of it is left. A temporary folder is removed. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** The sandbox's folder; a temporary one if not given. */
  readonly dir?: string;
  /** Variables for the parts, such as KUBELET_REFRESH_DELAY_MS. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of progress. */
  readonly onProgress?: (line: string) => void;
  /** Stops the sandbox that is still starting. */
  readonly signal?: AbortSignal | undefined;
}

const tailLines = 40;
const restartMs = 90_000;

function handles(dir: string) {
  const restart = async (name: string) => {
    const state = readState(sandboxPaths(dir));
    if (!state) throw new Error(`no sandbox runs in ${dir}`);
    await askControl(dir, state.token, `/restart/${name}`, restartMs);
  };
  return (name: PartName) => createPartHandle(dir, name, restart);
}

/** Resolves at the line that says the sandbox is ready. @throws Error with the last lines of what it wrote */
async function untilReady(child: ChildProcess, onProgress: (line: string) => void): Promise<void> {
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        onProgress(line);
        if (lines.push(line) > tailLines) lines.shift();
        if (stream === child.stdout && line.startsWith("Sandbox ready")) resolve();
      });
    }
    child.once("error", reject).once("close", (code, signal) => {
      reject(new Error(`the sandbox did not start (${signal ?? `exit code ${code}`}):\n${lines.join("\n")}`));
    });
  });
}

/**
 * Starts a sandbox as a child process and waits until it is ready. It ends with this process, however that ends.
 * @throws Error with the end of its output if it does not come up; the signal's reason if it was interrupted
 */
export async function startSandbox(options: StartOptions = {}): Promise<Sandbox> {
  const dir = options.dir === undefined ? mkdtempSync(join(tmpdir(), "secret-rotation-")) : resolve(options.dir);
  const flags = ["--until-stdin-ends", ...(options.dir === undefined ? ["--temporary"] : [])];
  const child = spawn(process.execPath, [...typescriptArgs, join(__dirname, "main.ts"), ...flags], {
    cwd: repository,
    env: { ...process.env, ...options.env, SECRET_ROTATION_SANDBOX_DIR: dir },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const stop = async () => {
    child.stdin.on("error", () => undefined).end(); // it may have ended by itself
    await closed;
  };
  const { signal } = options;
  const interrupt = () => void stop();
  signal?.addEventListener("abort", interrupt);
  try {
    signal?.throwIfAborted();
    await untilReady(child, options.onProgress ?? (() => undefined));
    return { dir, env: readEnvironment(dir), part: handles(dir), stop };
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

/** The sandbox that runs in a folder. @throws Error if none does */
export function connectSandbox(folder: string): Sandbox {
  const dir = resolve(folder);
  const stop = async () => {
    await stopSandbox(dir);
  };
  return { dir, env: readEnvironment(dir), part: handles(dir), stop };
}
