import { cpus, loadavg } from "node:os";
import Table from "cli-table3";
import type { BenchContext, Benchmark, Figure } from "./benchmark";
import { SharedStand } from "./sharedStand";

const say = (line: string) => console.error(`  ${line}`);

/** Runs one after the other and prints each one's figures. @returns the exit code: 1 when one could not be run */
export async function runBenchmarks(benchmarks: readonly Benchmark[], interrupted: AbortSignal): Promise<number> {
  const stand = new SharedStand(say);
  let exitCode = 0;
  try {
    for (const benchmark of benchmarks) {
      if (!(await runOne(benchmark, stand, interrupted))) exitCode = 1;
      if (interrupted.aborted) return 130;
    }
  } finally {
    await stand.close();
  }
  return exitCode;
}

/** @returns false when it could not be run; a target that is missed is a figure like every other */
async function runOne(benchmark: Benchmark, shared: SharedStand, interrupted: AbortSignal): Promise<boolean> {
  const { name, title, timeoutSeconds, usesStand } = benchmark;
  console.error(`\n${name}: ${title}`);
  const tooLong = new AbortController();
  const signal = AbortSignal.any([interrupted, tooLong.signal]);
  const remarks: string[] = [];
  const context: BenchContext = {
    stand: () => shared.open(signal),
    signal,
    say,
    remark: (line) => remarks.push(line),
  };
  let timer: NodeJS.Timeout | undefined;
  const load = loadavg()[0] ?? 0;
  try {
    await (usesStand ? shared.open(interrupted) : shared.close());
    timer = setTimeout(() => tooLong.abort(new Error(`gave up after ${timeoutSeconds} s`)), timeoutSeconds * 1000);
    const figures = await benchmark.run(context);
    console.log(`\n${name}: ${title}\n${table(figures)}`);
    for (const line of remarks) console.log(`  ${line}`);
    // A busy machine is the usual reason for a figure that surprises.
    console.log(`  load of the machine before: ${load.toFixed(1)} on ${cpus().length} cores`);
    return true;
  } catch (error) {
    console.error(`${name} could not be measured: ${(error as Error).message}`);
    await shared.close();
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function table(figures: readonly Figure[]): string {
  const shown = new Table({ head: ["", "measured", "target", ""], style: { head: [], border: [] } });
  for (const { what, measured, target, met } of figures) {
    shown.push([what, measured, target ?? "", met === undefined ? "" : met ? "met" : "MISSED"]);
  }
  return shown.toString();
}
