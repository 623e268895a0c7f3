import type { SecretStatus, State } from "../status/status";
import { shortVersion } from "./shortVersion";
import { newTable } from "./table";

const states: Partial<Record<State, string>> = {
  "never-rotated": "never rotated, due now",
  "not-provisioned": "not provisioned: pulumi up first",
  deleted: "scheduled for deletion",
};

/** The table of `status`, and below it why a state is not known. */
export function statusTable(status: readonly SecretStatus[]): string {
  const table = newTable([
    "secret",
    "kind",
    "strategy",
    "version",
    "rotated",
    "age d",
    "limit d",
    "state",
    "next",
    "why",
  ]);
  for (const { secret, kind, strategy, versionId, rotatedAt, ageDays, maxAgeDays, state, rotatable, next } of status) {
    const shown = states[state] ?? state;
    const row = [secret, kind, strategy, shortVersion(versionId), rotatedAt ?? "–", ageDays ?? "–", maxAgeDays];
    const then = next ? [`${next.at.slice(0, 16)}Z`, next.why] : ["–", ""];
    table.push([...row, rotatable ? shown : `${shown} (watched only)`, ...then]);
  }
  const errors = status.flatMap(({ error }) =>
    error ? [[error.message, error.hint].filter(Boolean).join("\n  ")] : [],
  );
  return [table.toString(), ...errors].join("\n");
}
