import type { SecretStatus, State } from "../status/status";
import { ageBar, type Look, paintedState } from "./ageBar";
import { shortVersion } from "./shortVersion";
import { newTable } from "./table";

const states: Partial<Record<State, string>> = {
  "never-rotated": "never rotated, due now",
  "not-provisioned": "not provisioned: pulumi up first",
  deleted: "scheduled for deletion",
};

/** The table of `status`, and below it why a state is not known. @param look  of a terminal, where ages are bars */
export function statusTable(status: readonly SecretStatus[], look?: Look): string {
  const table = look ? terminalTable(status, look) : plainTable(status);
  const errors = status.flatMap(({ error }) =>
    error ? [[error.message, error.hint].filter(Boolean).join("\n  ")] : [],
  );
  return [table, ...errors].join("\n");
}

function plainTable(status: readonly SecretStatus[]): string {
  const table = newTable([
    ...["secret", "kind", "strategy", "version", "rotated", "age d", "limit d", "state", "next", "why"],
  ]);
  for (const one of status) {
    const { secret, kind, strategy, versionId, rotatedAt, ageDays, maxAgeDays } = one;
    const row = [secret, kind, strategy, shortVersion(versionId), rotatedAt ?? "–", ageDays ?? "–", maxAgeDays];
    table.push([...row, stateText(one), nextRun(one), one.next?.why ?? ""]);
  }
  return table.toString();
}

/** Narrower, and with the next rotation in two lines. */
function terminalTable(status: readonly SecretStatus[], look: Look): string {
  const table = newTable(["secret", "kind", "version", "age", "state", "next"]);
  for (const one of status) {
    const { secret, kind, versionId, next } = one;
    const state = paintedState(stateText(one), one, look);
    const then = [nextRun(one), ...(next ? next.why.split("; ") : [])].join("\n");
    table.push([secret, kind, shortVersion(versionId), ageBar(one, look), state, then]);
  }
  return table.toString();
}

function stateText({ state, rotatable }: SecretStatus): string {
  const shown = states[state] ?? state;
  return rotatable ? shown : `${shown} (watched only)`;
}

function nextRun({ next }: SecretStatus): string {
  return next ? `${next.at.slice(0, 16)}Z` : "–";
}
