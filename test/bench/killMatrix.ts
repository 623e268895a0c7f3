import { allKills, type Cell, killInTurn } from "../safety/killMatrix";
import { matrixTable, totals } from "../safety/matrixTable";
import { startSite } from "../safety/site";
import { type BenchContext, type Benchmark, type Figure, none } from "./benchmark";
import { spread } from "./statistics";

/** As large runs do it: `VERSIONS_FIRST=1 npm run bench -- killMatrix`. */
const versionsFirst = process.env.VERSIONS_FIRST === "1";

export const benchmark: Benchmark = {
  name: "killMatrix",
  title: `Driver and engine killed (SIGKILL) at every step boundary and inside every step, all strategies, under load${versionsFirst ? ", versions first" : ""}`,
  timeoutSeconds: 1500,
  usesStand: false,
  run,
};

async function run({ say, remark, signal }: BenchContext): Promise<Figure[]> {
  const site = await startSite({ signal });
  const cells: Cell[] = [];
  try {
    for (const kill of allKills) {
      signal.throwIfAborted();
      const [cell] = await killInTurn(site, [{ ...kill, versionsFirst }]);
      if (!cell) continue;
      cells.push(cell);
      const name = `${kill.point.step} ${kill.point.name}, ${kill.victim}`;
      say(`${name}: ${cell.seconds.toFixed(1)} s`);
      for (const { secret = "all", text } of cell.problems) remark(`${name}: ${secret}: ${text}`);
    }
  } finally {
    await site.close();
  }
  const { tried, survived, lost, failed } = totals(cells);
  for (const line of matrixTable(site.stand, cells).split("\n")) remark(line);
  const strategies = site.stand.secrets.length;
  return [
    { what: `kill points tried, each for ${strategies} strategies`, measured: String(tried) },
    { what: "survived", measured: String(survived), target: String(tried), met: survived === tried },
    none("credentials lost", lost),
    none("requests failed, but for single-user's refused logins", failed),
    {
      what: "requests failed per kill",
      measured: spread(
        cells.map((cell) => cell.failed),
        "",
        0,
      ),
    },
    {
      what: "logins refused per kill by the single-user database",
      measured: spread(
        cells.map((cell) => cell.refused),
        "",
        0,
      ),
    },
  ];
}
