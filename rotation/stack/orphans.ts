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

function orphans(mark: string): Process[] {
  const marked = processes().filter(({ pid }) => environmentOf(pid).includes(`${engineMark}=${mark}`));
  const alive = new Set(marked.map(({ pid }) => pid));
  return marked.filter(({ name, parent }) => name !== "pulumi" && !alive.has(parent));
}

function processes(): Process[] {
  return pids().flatMap((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    // Its name is in parentheses, and may have some itself.
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [command = ""] = read(`/proc/${pid}/cmdline`).split("\0");
    return state === "" || state === "Z" ? [] : [{ pid, parent: Number(parent), name: basename(command) }];
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
