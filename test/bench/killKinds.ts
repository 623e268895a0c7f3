import { type KindCell, killedRotation, killsIn, startKindsKills } from "../safety/killKinds";
import { kindRuns } from "../safety/kindPoints";
import { kindsTable } from "../safety/kindsTable";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { inSharedSandbox } from "./kinds";

export const benchmark: Benchmark = {
  name: "killKinds",
  title:
    "Driver and engine killed (SIGKILL) at every step of every phase of API keys, certificates and signing keys, under load",
  timeoutSeconds: 3600,
  usesStand: false,
  run: (context) => inSharedSandbox(() => run(context)),
};

async function run({ say, remark, signal }: BenchContext): Promise<Figure[]> {
  const site = await startKindsKills("kill-kinds");
  const cells: KindCell[] = [];
  try {
    // As many whole rotations as the run with the most kills needs.
    const queues = new Map(kindRuns.map((run) => [run, killsIn(run)]));
    while ([...queues.values()].some((left) => left.length > 0)) {
      signal.throwIfAborted();
      for (const cell of await killedRotation(site, (run) => queues.get(run)?.splice(0, 1) ?? [])) {
        cells.push(cell);
        const names = cell.kills.map(({ point, victim }) => `${point.step} ${point.name}, ${victim}`);
        const name = `${cell.run.name}: ${names.join(", ") || "not killed"}`;
        say(`${name}: ${cell.seconds.toFixed(1)} s`);
        const problems = cell.problems.map(({ secret = "all", text }) => `${secret}: ${text}`);
        for (const text of [...problems, ...new Set(cell.failed)]) {
          say(`  ${text}`);
          remark(`${name}: ${text}`);
        }
      }
    }
  } finally {
    await site.close();
  }
  for (const line of kindsTable(cells).split("\n")) remark(line);
  const sum = (of: (cell: KindCell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  const tried = sum(({ kills }) => kills.length);
  const survived = cells.filter(({ problems }) => problems.length === 0).length;
  return [
    { what: "kills, each in a run of its own over all kinds", measured: String(tried) },
    {
      what: "runs that the same command has ended",
      measured: String(survived),
      target: String(cells.length),
      met: survived === cells.length,
    },
    none(
      "credentials lost",
      sum(({ lost }) => lost.length),
    ),
    none(
      "keys left at an issuer",
      sum(({ orphans }) => orphans),
    ),
    {
      ...none(
        "requests failed",
        sum(({ failed }) => failed.length),
      ),
      measured: `${sum(({ failed }) => failed.length)} of ${sum(({ sent }) => sent)}`,
    },
  ];
}
