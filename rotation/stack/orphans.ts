import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { waitFor } from "../waitFor";

/** In the environment of an engine and of all that it starts: whose they are. */
export const engineMark = "SECRET_ROTATION_ENGINE";

/** @param project  the project's folder */
export function markOf(project: string, stack: string): string {
  return `${stack} of ${project}`;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly args: readonly string[];
}

/**
 * Ends what an engine that was killed has left running: its providers go on with what they were asked for, for minutes, and
 * could still write when the next update has begun. Elsewhere than on Linux nothing is found.
 *
 * @param mark  the engine's; its processes are those whose parent is no living engine
 */
export async function endOrphans(mark: string): Promise<void> {
  for (const { pid } of orphans(mark)) end(pid);
  const gone = async () => (orphans(mark).length === 0 ? true : undefined);
  await waitFor(gone, { timeoutSeconds: 5, longestPauseMs: 100 });
}

/**
 * The process id of the engine that this process has started for an update, as soon as it runs.
 *
 * @param ended  aborted when the update has ended
 * @returns undefined: none was seen
 */
export async function engineOf(mark: string, ended: AbortSignal): Promise<number | undefined> {
  const look = async () => {
    const engine = processes().find(
      ({ pid, parent, name, args }) =>
        parent === process.pid && name === "pulumi" && args.includes("up") && isMarked(pid, mark),
    );
    return ended.aborted ? { pid: undefined } : engine;
  };
  return (await waitFor(look, { timeoutSeconds: 10, longestPauseMs: 100 }))?.pid;
}

function isMarked(pid: number, mark: string): boolean {
  return environmentOf(pid).includes(`${engineMark}=${mark}`);
}

function orphans(mark: string): Process[] {
  const marked = processes().filter(({ pid }) => isMarked(pid, mark));
  const alive = new Set(marked.map(({ pid }) => pid));
  return marked.filter(({ name, parent }) => name !== "pulumi" && !alive.has(parent));
}

function processes(): Process[] {
  return pids().flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    // Its name is in parentheses, and may have some itself.
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [command = "", ...args] = read(`/proc/${pid}/cmdline`).split("\0");
    return state === "" || state === "Z" ? [] : [{ pid, parent: Number(parent), name: basename(command), args }];
  });
}

function pids(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Of another user's process nothing is told. */
function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split("\0");
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
