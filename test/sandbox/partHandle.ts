import { readFileSync } from "node:fs";
import { sandboxPaths } from "./paths";
import type { RunningPart } from "./process/parts";
import { isRunning, type ProcessEntry, processTable, sendSignal, withDescendants } from "./process/processTable";
import { registered } from "./process/registry";
import { waitFor } from "./process/waitFor";

export type PartName =
  | "etcd"
  | "external-secrets"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kubelet"
  | "moto"
  | "postgres"
  | "providers";

/** One server of a running sandbox, to be disturbed by a test. */
export interface PartHandle {
  /** The file with all it has written. */
  readonly log: string;
  /** Stops the part where it is (SIGSTOP), with all its child processes: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Kills the part (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts the part again, with the same ports and files, and waits until it serves; ends it first if it runs. */
  restart(): Promise<void>;
}

const goneMs = 10_000;

export function createPartHandle(dir: string, name: PartName, restart: (name: string) => Promise<void>): PartHandle {
  const paths = sandboxPaths(dir);
  const running = (): RunningPart => {
    const part = (JSON.parse(readFileSync(paths.parts, "utf8")) as Record<string, RunningPart>)[name];
    if (!part) throw new Error(`the sandbox in ${dir} has no part ${name}`);
    if (!isRunning(part)) throw new Error(`${name} does not run; its log is ${part.log}`);
    return part;
  };
  // With its child processes, such as the sessions of PostgreSQL; but the pods are no part of the kubelet.
  const processes = (): ProcessEntry[] => {
    const table = processTable();
    const pods = registered(paths.registry).filter(({ kind }) => kind === "pod");
    const inPods = new Set(pods.flatMap(({ pid }) => withDescendants(pid, table)));
    return withDescendants(running().pid, table).filter((entry) => !inPods.has(entry));
  };
  const signalAll = (signal: NodeJS.Signals) => {
    for (const { pid } of processes()) sendSignal(pid, signal);
  };
  return {
    log: paths.log(name),
    pause: () => signalAll("SIGSTOP"),
    resume: () => signalAll("SIGCONT"),
    async kill() {
      const all = new Map(processes().map((entry) => [entry.pid, entry.startTime]));
      for (const victim of all.keys()) sendSignal(victim, "SIGKILL");
      const left = () => processTable().some((entry) => all.get(entry.pid) === entry.startTime);
      await waitFor(`${name} to be gone`, () => !left(), { timeoutMs: goneMs, intervalMs: 10 });
    },
    restart: () => restart(name),
  };
}
