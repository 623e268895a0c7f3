import { steps } from "../errors";
import type { RunResult } from "../result";
import type { SecretStatus } from "../status";
import { newTable } from "./table";

/** Version ids are UUIDs: their first group tells them apart for a reader. */
export function shortVersion(versionId: string | undefined): string {
  return versionId?.split("-")[0] ?? "–";
}

const seconds = (value: number | undefined) => (value === undefined ? "" : value.toFixed(2));

/** The table at the end of a run: each secret's versions, the time of each step in seconds, and the result. */
export function runTable(run: RunResult): string {
  const shown = steps.filter((step) => run.secrets.some((secret) => secret.seconds[step] !== undefined));
  const table = newTable(["secret", "strategy", "old", "new", ...shown, "result"]);
  for (const secret of run.secrets) {
    const result = secret.error ? `${secret.outcome} at ${secret.error.step}: ${secret.error.code}` : secret.outcome;
    const versions = [shortVersion(secret.oldVersionId), shortVersion(secret.newVersionId)];
    table.push([
      secret.secret,
      secret.strategy,
      ...versions,
      ...shown.map((step) => seconds(secret.seconds[step])),
      result,
    ]);
  }
  const policies = run.policySeconds === undefined ? "" : `, of it ${run.policySeconds.toFixed(1)} s for the policies`;
  const failures = run.secrets.flatMap(({ error }) =>
    error ? [error.hint ? `${error.message}\n  ${error.hint}` : error.message] : [],
  );
  return [
    table.toString(),
    `run ${run.runId}: ${run.seconds.toFixed(1)} s${policies}; steps in seconds`,
    ...(run.backup === undefined ? [] : [`backup of the values before: ${run.backup}`]),
    ...failures,
  ].join("\n");
}

export function statusTable(status: readonly SecretStatus[]): string {
  const table = newTable(["secret", "kind", "strategy", "version", "rotated", "age d", "limit d", "state"]);
  for (const { secret, kind, strategy, versionId, rotatedAt, ageDays, maxAgeDays, state, rotatable } of status) {
    const shown = state === "never-rotated" ? "never rotated, due now" : state;
    const age = ageDays === undefined ? "–" : ageDays.toFixed(1);
    const row = [secret, kind, strategy, shortVersion(versionId), rotatedAt ?? "–", age, maxAgeDays];
    table.push([...row, rotatable ? shown : `${shown} (watched only)`]);
  }
  return table.toString();
}
