import { rmSync } from "node:fs";
import { Stand } from "../demo/stand";
import { atMost, type BenchContext, type Benchmark, type Figure } from "./benchmark";
import { ownProject, writeSettings } from "./ownProject";
import { median, spread } from "./statistics";

const secret = "shop/orders-db";
const runs = 7;
const limitSeconds = 0.3;
const stack = "bench";

export const benchmark: Benchmark = {
  name: "metrics",
  title: `What alarms and metrics add to a rotation of ${secret}`,
  timeoutSeconds: 420,
  usesStand: false,
  run,
};

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const project = ownProject();
  writeSettings(project, stack);
  try {
    const stand = await Stand.populated({ project, stack, signal });
    try {
      return await compare(stand, project, say, remark);
    } finally {
      await stand.stop();
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** In turn, so that whatever else the machine does meets both. */
async function compare(
  stand: Stand,
  project: string,
  say: BenchContext["say"],
  remark: BenchContext["remark"],
): Promise<Figure[]> {
  const seconds = async (alarms: object) => {
    writeSettings(project, stack, () => alarms);
    const { startedMs, endedMs } = await stand.rotated([secret]);
    return (endedMs - startedMs) / 1000;
  };
  const [with_, without]: [number[], number[]] = [[], []];
  for (let i = 1; i <= runs; i++) {
    with_.push(await seconds({}));
    without.push(await seconds({ "secret-rotation:alarms": undefined }));
    say(`with: ${with_.at(-1)?.toFixed(2)} s, without: ${without.at(-1)?.toFixed(2)} s`);
  }
  remark("the whole command, from the start of the process to its end, in a stack of four secrets with eight alarms");
  return [
    atMost("alarms and metrics add (medians)", median(with_) - median(without), limitSeconds, "s"),
    { what: "with them", measured: spread(with_, "s") },
    { what: "without", measured: spread(without, "s") },
  ];
}
