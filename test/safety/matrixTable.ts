import { newTable } from "../../rotation/progress/table";
import type { Stand } from "../demo/stand";
import type { Cell } from "./killMatrix";
import { points, type Victim, victimsAt } from "./points";

const victims: readonly Victim[] = ["driver", "engine"];

/** Points by strategies: in each field the driver's kill and the engine's. */
export function matrixTable({ secrets }: Stand, cells: readonly Cell[]): string {
  const strategies = secrets.map(({ strategy }) => strategy);
  const table = newTable(["killed when", ...strategies, "requests", "failed", "refused logins*"]);
  for (const point of points) {
    const found = victims.map((victim) => cells.find((cell) => cell.point === point && cell.victim === victim));
    const fields = secrets.map(({ name }) =>
      victims.map((victim, i) => (victimsAt(point).includes(victim) ? mark(found[i], name) : "–")).join(" "),
    );
    const sum = (of: (cell: Cell) => number) => found.reduce((total, cell) => total + (cell ? of(cell) : 0), 0);
    const counts = [sum(({ sent }) => sent), sum(({ failed }) => failed), sum(({ refused }) => refused)];
    table.push([`${point.step} ${point.name}`, ...fields, ...counts]);
  }
  return [
    table.toString(),
    "driver and engine: ✔ survived, ✘ not, · not tried, – the engine does not run then",
    "* by the single-user database, from its new password until the services have it: nothing else may fail",
  ].join("\n");
}

function mark(cell: Cell | undefined, secret: string): string {
  if (!cell) return "·";
  return cell.problems.some((problem) => problem.secret === undefined || problem.secret === secret) ? "✘" : "✔";
}

/** The figures of all kills together. */
export function totals(cells: readonly Cell[]) {
  const sum = (of: (cell: Cell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  return {
    tried: cells.length,
    survived: cells.filter(({ problems }) => problems.length === 0).length,
    lost: sum(({ lost }) => lost.length),
    sent: sum(({ sent }) => sent),
    failed: sum(({ failed }) => failed),
    refused: sum(({ refused }) => refused),
  };
}
