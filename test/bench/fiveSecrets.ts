import { rmSync } from "node:fs";
import type { DriverRun } from "../demo/driver";
import { Stand } from "../demo/stand";
import { atMost, type BenchContext, type Benchmark, type Figure } from "./benchmark";
import { ownProject, writeSettings } from "./ownProject";
import { median, spread } from "./statistics";

const one = "shop/orders-db";
const runs = 3;
const limit = 1.5;

export const benchmark: Benchmark = {
  name: "fiveSecrets",
  title: `Five secrets in one run, compared with ${one} alone`,
  timeoutSeconds: 420,
  usesStand: false,
  run,
};

/** The fifth, beside the four of the development stack. */
const fifth = {
  name: "shop/webhook-key",
  kind: "app",
  externalSecret: { target: "webhook-key", keys: [{ key: "WEBHOOK_KEY" }] },
  consumers: [
    { namespace: "shop", kind: "Deployment", name: "shop-files", takes: "volume" },
    { namespace: "shop", kind: "Deployment", name: "shop-env", takes: "env" },
  ],
};

async function run({ say, signal, remark }: BenchContext): Promise<Figure[]> {
  const project = ownProject();
  const key = "secret-rotation:secrets";
  writeSettings(project, "bench", (config) => ({ [key]: [...config[key], fifth] }));
  try {
    const stand = await Stand.populated({ project, stack: "bench", signal });
    try {
      return await compare(stand, say, remark);
    } finally {
      await stand.stop();
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** In turn, so that whatever else the machine does meets both. */
async function compare(stand: Stand, say: BenchContext["say"], remark: BenchContext["remark"]): Promise<Figure[]> {
  const alone: number[] = [];
  const five: number[] = [];
  for (let i = 1; i <= runs; i++) {
    alone.push(secondsOf(await stand.rotated([one])));
    five.push(secondsOf(await stand.rotated(["--type", "all"])));
    say(`one: ${alone.at(-1)?.toFixed(1)} s, five: ${five.at(-1)?.toFixed(1)} s`);
  }
  const names = stand.secrets.map(({ name }) => name).join(", ");
  remark(`the five: ${names}; all restart both Deployments, once`);
  return [
    atMost("five, compared with one (medians)", median(five) / median(alone), limit, "×"),
    { what: "one, the whole command", measured: spread(alone, "s") },
    { what: "five, the whole command", measured: spread(five, "s") },
  ];
}

function secondsOf({ startedMs, endedMs }: DriverRun): number {
  return (endedMs - startedMs) / 1000;
}
