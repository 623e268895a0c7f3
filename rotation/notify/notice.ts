import { type AuditRecord, shortened } from "../audit/record";
import type { RunResult } from "../result";

/** A run that has ended, for whoever is told of it. */
export interface Notice {
  /** As the audit trail has it, with its texts cut. */
  readonly record: AuditRecord;
  readonly run: RunResult;
}

type SecretRecord = AuditRecord["secrets"][number];

const works = {
  rotate: "rotation",
  rollback: "rollback",
  restore: "restore",
  backup: "backup",
  record: "record",
  migrate: "migration",
} as const;

/** Environment, work and result in one line: `secret-rotation prod: rotation failed (1 of 3 secrets)`. */
export function titleOf({ environment, command, emergency, result, secrets }: AuditRecord): string {
  const work = `secret-rotation ${environment}: ${emergency ? "emergency " : ""}${works[command]}`;
  const [failed, all] = [failedOf(secrets).length, secrets.length];
  switch (result) {
    case "ok":
      return `${work} ok (${all} ${all === 1 ? "secret" : "secrets"})`;
    case "failed":
      return failed === 0 ? `${work} failed` : `${work} failed (${failed} of ${all} secrets)`;
    case "policy violation":
      return `${work} stopped by a policy, nothing was changed`;
    case "locked":
      return `${work} not begun, another update holds the stack`;
    case "interrupted":
    case undefined:
      return `${work} ${result ?? "not ended"}`;
  }
}

export function failedOf(secrets: readonly SecretRecord[]): SecretRecord[] {
  return secrets.filter(({ error }) => error !== undefined);
}

/** Who ran it, why, and how long it took, a fact a line. */
export function factsOf({ record, run }: Notice): string[] {
  const { actor, trigger, reason, runId, stack, backup, restoredFrom, error, violations = [] } = record;
  return [
    `stack ${stack}, run ${runId}, ${run.seconds.toFixed(1)} s`,
    `by ${actor.name} (${trigger})${actor.runUrl === undefined ? "" : `: ${actor.runUrl}`}`,
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
    ...(restoredFrom === undefined ? [] : [`values from backup ${restoredFrom}`]),
    ...(backup === undefined ? [] : [`backup of the values before: ${backup}`]),
    ...(error === undefined ? [] : [`ended early: ${error.message ?? error.name}`]),
    ...violations.map(({ policy, secret }) => `violated: ${policy}${secret === undefined ? "" : ` (${secret})`}`),
    ...(run.recorded === false ? ["the audit trail has not got the end of this run: see its output"] : []),
  ];
}

export function warningsOf({ run }: Notice): string[] {
  const ofSecrets = run.secrets.flatMap(({ secret, warnings }) => warnings.map((text) => `${secret}: ${text}`));
  return [...(run.warnings ?? []), ...ofSecrets].map(shortened);
}

const shown = 20;

/** The whole for people, as plain text; of long lists the beginning. */
export function textOf(notice: Notice): string {
  const { record } = notice;
  const failed = failedOf(record.secrets);
  const done = record.secrets.filter(({ error, outcome }) => error === undefined && outcome !== undefined);
  return [
    titleOf(record),
    "",
    ...factsOf(notice).slice(0, shown),
    ...listed(failed, ({ error }) => [
      `failed: ${error?.message} (${error?.code})`,
      ...(error?.hint === undefined ? [] : [`  cure: ${error.hint}`]),
    ]),
    ...listed(done, ({ name, outcome, newVersionId, refused }) => [
      `${outcome}: ${name}${newVersionId === undefined ? "" : `, version ${newVersionId}`}`,
      ...(refused === undefined ? [] : [`  proven: ${refused.what}`]),
    ]),
    ...listed(warningsOf(notice), (text) => [`warning: ${text}`]),
  ].join("\n");
}

function listed<T>(items: readonly T[], lines: (item: T) => readonly string[]): string[] {
  if (items.length === 0) return [];
  const left = items.length - shown;
  return ["", ...items.slice(0, shown).flatMap(lines), ...(left > 0 ? [`… and ${left} more`] : [])];
}
