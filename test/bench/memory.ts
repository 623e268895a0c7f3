import { readFileSync } from "node:fs";
import { withDescendants } from "../sandbox/process/processTable";

/** A field of one of a process's files in /proc, in bytes; 0 for a process that has ended. */
function kilobytes(pid: number, file: "smaps_rollup" | "status", field: "Pss" | "VmHWM"): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Memory of processes and their descendants, in bytes; what several share counts once. */
export function memoryOf(pids: readonly number[]): number {
  const all = new Set(pids.flatMap((root) => withDescendants(root).map(({ pid }) => pid)));
  return [...all].reduce((sum, pid) => sum + kilobytes(pid, "smaps_rollup", "Pss"), 0);
}

const everyMs = 50;

/** The most memory that a process, and each group of its descendants, had resident at any time. */
export class PeakMemory {
  readonly #root: number;
  readonly #peaks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(root: number) {
    this.#root = root;
    // The kernel keeps the peak itself: it only has to be read late enough.
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  #look(): void {
    for (const { pid } of withDescendants(this.#root)) {
      this.#peaks.set(pid, Math.max(this.#peaks.get(pid) ?? 0, kilobytes(pid, "status", "VmHWM")));
    }
  }

  /** In bytes: of the process, and of the largest process that it has started. */
  end(): { readonly own: number; readonly largestChild: number } {
    clearInterval(this.#timer);
    const children = [...this.#peaks].flatMap(([pid, peak]) => (pid === this.#root ? [] : [peak]));
    return { own: this.#peaks.get(this.#root) ?? 0, largestChild: Math.max(0, ...children) };
  }
}

export const megabytes = (bytes: number) => bytes / 1_000_000;
