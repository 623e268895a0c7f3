import type { BenchContext, Benchmark, Figure } from "./benchmark";
import { megabytes, PeakMemory } from "./memory";
import { spread } from "./statistics";

const runs = 3;

export const benchmark: Benchmark = {
  name: "driverMemory",
  title: "Memory of the driver, rotating all secrets of the development stack",
  timeoutSeconds: 180,
  usesStand: true,
  run,
};

async function run({ stand: shared, say, remark }: BenchContext): Promise<Figure[]> {
  const stand = await shared();
  const own: number[] = [];
  const engine: number[] = [];
  for (let i = 1; i <= runs; i++) {
    let peak: PeakMemory | undefined;
    const onStarted = (pid: number) => {
      peak = new PeakMemory(pid);
    };
    await stand.rotated(["--type", "all"], { env: {}, onStarted });
    const ended = peak?.end() ?? { own: 0, largestChild: 0 };
    own.push(megabytes(ended.own));
    engine.push(megabytes(ended.largestChild));
    say(`run ${i}: ${own.at(-1)?.toFixed(0)} MB, largest child ${engine.at(-1)?.toFixed(0)} MB`);
  }
  remark("resident memory at its peak, as the kernel keeps it (VmHWM), read every 50 ms");
  return [
    { what: "the driver's process", measured: spread(own, "MB", 0) },
    { what: "the largest process that it starts: the engine", measured: spread(engine, "MB", 0) },
  ];
}
