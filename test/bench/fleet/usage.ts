import { readFileSync } from "node:fs";
import { withDescendants } from "../../sandbox/process/processTable";

/** What a command and all that it started have used. */
export interface UsageOfRun {
  /** Of the command's own process. Seconds of CPU, and bytes at its peak. */
  readonly driver: { readonly cpuSeconds: number; readonly bytes: number };
  /** Of all that it started; the bytes are those of the largest process. */
  readonly engine: { readonly cpuSeconds: number; readonly bytes: number };
}

const everyMs = 100;
/** Linux counts a process's time in these. */
const ticksPerSecond = 100;

/** Watches a process and its descendants until it is told that they have ended. Linux only. */
export class Usage {
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;
  readonly #bytes = new Map<number, number>();
  readonly #own = new Map<number, number>();
  #waitedFor = 0;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  #look(): void {
    for (const { pid } of withDescendants(this.#root)) {
      const [own, waitedFor] = cpuOf(pid);
      this.#own.set(pid, Math.max(own, this.#own.get(pid) ?? 0));
      if (pid === this.#root) this.#waitedFor = Math.max(waitedFor, this.#waitedFor);
      this.#bytes.set(pid, Math.max(peakOf(pid), this.#bytes.get(pid) ?? 0));
    }
  }

  end(): UsageOfRun {
    clearInterval(this.#timer);
    const children = [...this.#bytes].flatMap(([pid, bytes]) => (pid === this.#root ? [] : [bytes]));
    return {
      driver: { cpuSeconds: this.#own.get(this.#root) ?? 0, bytes: this.#bytes.get(this.#root) ?? 0 },
      // What ended before the last look is in what the command has waited for.
      engine: { cpuSeconds: this.#waitedFor, bytes: Math.max(0, ...children) },
    };
  }
}

/** Seconds of CPU: of a process itself, and of its children that have ended. */
function cpuOf(pid: number): [own: number, waitedFor: number] {
  const stat = read(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = (from: number) => (Number(fields[from] ?? 0) + Number(fields[from + 1] ?? 0)) / ticksPerSecond;
  return [seconds(11), seconds(13)];
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(read(pid, "status"))?.[1] ?? 0) * 1024;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
