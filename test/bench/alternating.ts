import { judge } from "../demo/verdict";
import { underLoad, type WatchedRotation, watchedRotation } from "../demo/watchedRotation";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { spread } from "./statistics";

const secret = "shop/orders-db";
const rotations = 10;
const wantedRate = 200;

export const benchmark: Benchmark = {
  name: "alternating",
  title: `${rotations} rotations of ${secret} (alternating-users) under load`,
  timeoutSeconds: 600,
  usesStand: true,
  run,
};

async function run({ stand: shared, say, signal, remark }: BenchContext): Promise<Figure[]> {
  const stand = await shared();
  const around = { before: 3, after: 5, signal };
  const { load, result } = await underLoad(stand.load(), around, async () => {
    const done: WatchedRotation[] = [];
    for (let i = 1; i <= rotations; i++) {
      done.push(await watchedRotation(stand, [secret]));
      say(`rotation ${i}: ${secondsOf(done.at(-1)).toFixed(1)} s`);
    }
    return done;
  });
  const verdict = judge(
    stand.secrets,
    result.flatMap(({ spans }) => spans),
    load,
  );
  for (const { service, path, kind } of verdict.unexpected.slice(0, 5)) remark(`failed: ${service} ${path}: ${kind}`);
  const refusals = result.flatMap((rotation) => rotation.refusals);
  const own = refusals.reduce((sum, { whileSetting }) => sum + whileSetting, 0);
  remark(`the driver's own ${own} questions whether a password is set already are refused too, and not counted`);
  return [
    none("requests failed", load.total.failed),
    {
      what: "requests sent, over both services",
      measured: `${load.total.sent} (${load.requestsPerSecond.toFixed(0)}/s; ${load.skipped} due but not sent)`,
      target: `at least ${wantedRate}/s`,
      met: load.requestsPerSecond >= wantedRate,
    },
    none(
      "logins refused",
      refusals.reduce((sum, { afterwards }) => sum + afterwards, 0),
    ),
    none("rotations failed", result.filter(({ run }) => run.exitCode !== 0).length),
    { what: "pods restarted", measured: String(podsOf(result)) },
    { what: "one rotation, the whole command", measured: spread(result.map(secondsOf), "s") },
  ];
}

function secondsOf(rotation: WatchedRotation | undefined): number {
  return rotation ? (rotation.run.endedMs - rotation.run.startedMs) / 1000 : 0;
}

function podsOf(rotations: readonly WatchedRotation[]): number {
  return rotations.flatMap(({ restarts }) => restarts).reduce((sum, { pods }) => sum + pods, 0);
}
