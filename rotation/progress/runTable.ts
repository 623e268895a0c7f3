import { withHint } from "../errors";
import type { RunResult } from "../result";
import { shortVersion } from "../shortVersion";
import { type Step, steps } from "../steps";
import { newTable } from "./table";

const seconds = (value: number | undefined) => (value === undefined ? "" : value.toFixed(2));

/**
 * What is shown at the end of a run: each secret's versions, the time of each step in seconds, and the result.
 *
 * @param width  characters of the terminal: where one table does not fit, the times are in one of their own
 */
export function runTable(run: RunResult, width = Number.POSITIVE_INFINITY): string {
  const times = steps.filter((step) => run.secrets.some((secret) => secret.seconds[step] !== undefined));
  const ids = ["secret", "strategy", "old", "new"] as const;
  const rows = run.secrets.map((secret) => ({
    ...Object.fromEntries(times.map((step) => [step, seconds(secret.seconds[step])])),
    secret: secret.secret,
    strategy: secret.strategy,
    old: shortVersion(secret.oldVersionId),
    new: shortVersion(secret.newVersionId),
    result: secret.error ? `${secret.outcome} at ${secret.error.step}: ${secret.error.code}` : secret.outcome,
  }));
  const table = (...columns: readonly (keyof (typeof rows)[number] | Step)[]) => tableOf(rows, columns);
  const whole = table(...ids, ...times, "result");
  const fits = whole.indexOf("\n") <= width;
  const policies = run.policySeconds === undefined ? "" : `, of it ${run.policySeconds.toFixed(1)} s for the policies`;
  const failures = run.secrets.flatMap(({ error }) => (error ? [withHint(error.message, error.hint)] : []));
  const warnings = [
    ...run.secrets.flatMap(({ secret, warnings }) => warnings.map((text) => `warning: ${secret}: ${text}`)),
    ...(run.warnings ?? []).map((text) => `warning: ${text}`),
  ];
  return [
    ...(rows.length === 0 ? [] : fits ? [whole] : [table("secret", ...times), table(...ids, "result")]),
    `run ${run.runId}: ${run.seconds.toFixed(1)} s${policies}; steps in seconds`,
    ...(run.backup === undefined ? [] : [`backup of the values before: ${run.backup}`]),
    ...warnings,
    ...failures,
  ].join("\n");
}

function tableOf(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): string {
  const table = newTable(columns);
  for (const row of rows) table.push(columns.map((column) => row[column] ?? ""));
  return table.toString();
}
