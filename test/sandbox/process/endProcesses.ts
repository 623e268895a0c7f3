import { type ProcessEntry, processTable, sendSignal } from "./processTable";
import type { RegisteredProcess } from "./registry";
import { waitFor } from "./waitFor";

/** How long a process has, after being asked to end, until it is killed. */
const graceMs = 3000;
const killMs = 10_000;

/** The running processes of the groups that these processes lead (or led: a member may outlive its leader). */
function members(groups: ReadonlySet<number>): ProcessEntry[] {
  return processTable().filter(({ group }) => groups.has(group));
}

/**
 * Ends these processes with their groups: asks, waits, kills. A process whose pid was taken over by a stranger is left alone.
 * @throws Error if something is still there after it was killed.
 */
export async function endProcesses(processes: readonly RegisteredProcess[]): Promise<void> {
  const table = new Map(processTable().map((entry) => [entry.pid, entry]));
  const ours = processes.filter(({ pid, startTime }) => table.get(pid)?.startTime === startTime);
  const groups = new Set(ours.map(({ pid }) => pid));
  if (groups.size === 0) return;
  for (const { pid, endBy } of ours) {
    sendSignal(-pid, endBy);
    sendSignal(-pid, "SIGCONT"); // one that is paused could not end
  }
  const gone = () => members(groups).length === 0;
  try {
    await waitFor("processes to end", gone, { timeoutMs: graceMs, intervalMs: 20 });
  } catch {
    for (const group of new Set(members(groups).map((entry) => entry.group))) sendSignal(-group, "SIGKILL");
    await waitFor("killed processes to be gone", gone, { timeoutMs: killMs, intervalMs: 20 });
  }
}
