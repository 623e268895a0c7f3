import { sandboxPaths } from "../sandbox/paths";
import { registered } from "../sandbox/process/registry";
import { startSandbox } from "../sandbox/sandbox";
import { readState } from "../sandbox/state";
import { atMost, type BenchContext, type Benchmark, type Figure } from "./benchmark";
import { megabytes, memoryOf } from "./memory";
import { median, spread } from "./statistics";

const starts = 3;
const limitSeconds = 10;

export const benchmark: Benchmark = {
  name: "sandboxStart",
  title: "The sandbox, its tools being there",
  timeoutSeconds: 180,
  usesStand: false,
  run,
};

async function run({ say, signal }: BenchContext): Promise<Figure[]> {
  const seconds: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < starts; i++) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    const sandbox = await startSandbox();
    seconds.push((performance.now() - startedMs) / 1000);
    memory.push(megabytes(memoryOf(processesOf(sandbox.dir))));
    say(`start ${i + 1}: ${seconds.at(-1)?.toFixed(1)} s, ${memory.at(-1)?.toFixed(0)} MB`);
    await sandbox.stop();
  }
  return [
    atMost("start, until it is ready", median(seconds), limitSeconds, "s", spread(seconds, "s")),
    { what: "memory of all its processes, shared parts once", measured: spread(memory, "MB", 0) },
  ];
}

function processesOf(dir: string): number[] {
  const paths = sandboxPaths(dir);
  const state = readState(paths);
  const parts = registered(paths.registry).map(({ pid }) => pid);
  return [...parts, ...(state ? [state.main.pid, state.guard.pid] : [])];
}
