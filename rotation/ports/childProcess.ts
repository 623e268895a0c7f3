import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

export interface Command {
  /** The program and its arguments. They are seen by everybody on this machine: no value may be among them. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Names of variables that it gets, beside those of `alwaysPassed`. */
  readonly environment: readonly string[];
  /** Written to its stdin. */
  readonly input: string;
  /** Aborted: its whole process group is ended, by SIGTERM, and `killAfterMs` later by SIGKILL. */
  readonly signal: AbortSignal;
}

/** How a process has ended. */
export interface Ended {
  /** Its exit code, or the signal that ended it. */
  readonly by: number | NodeJS.Signals;
  /** Undefined: it was longer than `longestAnswer`, and the process was ended for that. */
  readonly stdout: string | undefined;
  /** What it says there may be anything, and is not kept. */
  readonly stderrLines: number;
}

/** Programs that are run to their end. */
export interface ChildProcess {
  /** @throws Error with a code such as ENOENT or EACCES, when it cannot be started */
  run(command: Command): Promise<Ended>;
}

/** Of stdout, in bytes. */
export const longestAnswer = 1 << 20;
const killAfterMs = 2000;
/** How long whatever it has started itself may keep its stdout open after its end. */
const leftoversMs = 1000;

/** What every program needs, and what no credential is kept in. */
const alwaysPassed: readonly RegExp[] = [
  /^(PATH|HOME|TZ|TMPDIR)$/,
  /^(https?|no|all)_proxy$/i,
  /^(SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/,
];

export const childProcess: ChildProcess = Object.freeze({
  async run({ command: [program = "", ...args], cwd, environment, input, signal }: Command) {
    signal.throwIfAborted();
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => environment.includes(name) || alwaysPassed.some((pattern) => pattern.test(name)),
      ),
    );
    // Detached: it leads a process group of its own, which a terminal's Ctrl-C does not reach.
    const child = spawn(program, args, { cwd, env, detached: true });
    return ended(child, input, signal);
  },
});

async function ended(child: ChildProcessWithoutNullStreams, input: string, signal: AbortSignal): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    kill(child.pid, "SIGTERM");
    timers.push(setTimeout(() => kill(child.pid, "SIGKILL"), killAfterMs));
  };
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderrLines = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    if (bytes > longestAnswer) return;
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > longestAnswer) end();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderrLines += chunk.filter((byte) => byte === 10).length;
  });
  // One that ends without reading it says so by how it ends.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  child.once("error", reject);
  child.once("exit", () => timers.push(setTimeout(() => kill(child.pid, "SIGKILL"), leftoversMs)));
  child.once("close", (code, by) => {
    const stdout = bytes > longestAnswer ? undefined : Buffer.concat(chunks).toString("utf8");
    resolve({ by: by ?? code ?? 0, stdout, stderrLines });
  });
  signal.addEventListener("abort", end, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", end);
    timers.forEach(clearTimeout);
  }
}

/** Its whole group, where there still is one. */
function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
