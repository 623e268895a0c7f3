import { readdirSync, readFileSync } from "node:fs";

/** What Linux tells about one process. `startTime` is in clock ticks since boot: with the pid it names a process for ever. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly startTime: string;
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

// A zombie whose other threads have not ended yet still has its files and ports.
function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** The entry of a process that still runs; undefined for none, and for a zombie, which only waits to be reaped. */
export function processEntry(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the command in brackets and may itself hold brackets and spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined || state === "X") return undefined;
  if (state === "Z" && threads(pid) <= 1) return undefined;
  return { pid, parent: Number(parent), group: Number(group), startTime };
}

/** Every process that still runs. */
export function processTable(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processEntry(Number(name)) ?? []);
}

/** The identity of a running process. @throws Error if there is none with this pid. */
export function identify(pid: number): ProcessIdentity {
  const entry = processEntry(pid);
  if (!entry) throw new Error(`there is no process ${pid}`);
  return { pid, startTime: entry.startTime };
}

export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return processEntry(pid)?.startTime === startTime;
}

/** The process and all that descend from it, the ancestors first. */
export function withDescendants(root: number, table = processTable()): ProcessEntry[] {
  const found = table.filter(({ pid }) => pid === root);
  for (const ancestor of found) found.push(...table.filter(({ parent }) => parent === ancestor.pid));
  return found;
}

/** Sends a signal; a process that is already gone is no error. Negative pids are process groups. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
