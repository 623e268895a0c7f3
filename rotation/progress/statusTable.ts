import type { SecretStatus, State } from "../status/status";
import { newTable, shortVersion } from "./table";

const states: Partial<Record<State, string>> = {
  "never-rotated": "never rotated, due now",
  "not-provisioned": "not provisioned: pulumi up first",
};

/** The table of `status`. */
export function statusTable(status: readonly SecretStatus[]): string {
  const table = newTable(["secret", "kind", "strategy", "version", "rotated", "age d", "limit d", "state"]);
  for (const { secret, kind, strategy, versionId, rotatedAt, ageDays, maxAgeDays, state, rotatable } of status) {
    const shown = states[state] ?? state;
    const age = ageDays === undefined ? "–" : ageDays.toFixed(1);
    const row = [secret, kind, strategy, shortVersion(versionId), rotatedAt ?? "–", age, maxAgeDays];
    table.push([...row, rotatable ? shown : `${shown} (watched only)`]);
  }
  return table.toString();
}
