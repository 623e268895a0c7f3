import { newTable } from "../../rotation/progress/table";
import { coming, type KindCell } from "./killKinds";
import { kindPoints, kindRuns } from "./kindPoints";
import { type Victim, victimsAt } from "./points";

const victims: readonly Victim[] = ["driver", "engine"];

/** Points by runs: in each field the driver's kill and the engine's. */
export function kindsTable(cells: readonly KindCell[]): string {
  const table = newTable(["killed when", ...kindRuns.map(({ name }) => name)]);
  for (const point of kindPoints) {
    const fields = kindRuns.map((run) => {
      if (coming(run, point).length === 0) return "";
      const mark = (victim: Victim) => {
        if (!victimsAt(point).includes(victim)) return "–";
        const cell = cells.find(
          (one) => one.run === run && one.kills.some((kill) => kill.point === point && kill.victim === victim),
        );
        if (!cell) return "·";
        return cell.problems.length + cell.lost.length + cell.orphans + cell.failed.length === 0 ? "✔" : "✘";
      };
      return victims.map(mark).join(" ");
    });
    table.push([`${point.step} ${point.name}`, ...fields]);
  }
  return [
    table.toString(),
    "driver and engine: ✔ survived, ✘ not, · not tried, – the engine does not run then; empty: nothing comes there",
  ].join("\n");
}
