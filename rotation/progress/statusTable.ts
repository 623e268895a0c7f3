import { withHint } from "../errors";
import { shortVersion } from "../shortVersion";
import { readyText } from "../status/phaseStatus";
import type { SecretStatus, State } from "../status/status";
import { ageBar, type Look, paintedState } from "./ageBar";
import { newTable } from "./table";

const states: Partial<Record<State, string>> = {
  "never-rotated": "never rotated, due now",
  "not-provisioned": "not provisioned: pulumi up first",
  deleted: "scheduled for deletion",
  unverified: "rotated by AWS, not verified",
};

/** The table of `status`, and below it why a state is not known. @param look  of a terminal, where ages are bars */
export function statusTable(status: readonly SecretStatus[], look?: Look): string {
  const table = look ? terminalTable(status, look) : plainTable(status);
  const errors = status.flatMap(({ error }) =>
    error ? [[error.message, error.hint].filter(Boolean).join("\n  ")] : [],
  );
  return [table, ...status.flatMap(byAwsLines), ...status.flatMap(readyLines), ...errors].join("\n");
}

/** What AWS says of the rotations that are its own. */
function byAwsLines({ secret, byAws }: SecretStatus): string[] {
  if (!byAws) return [];
  const { lastRotatedAt, nextRotationAt, problem } = byAws;
  const last =
    lastRotatedAt === undefined ? "AWS has not rotated it" : `AWS has rotated it at ${minute(lastRotatedAt)}`;
  const next = nextRotationAt === undefined ? [] : [`rotates it again by ${minute(nextRotationAt)}`];
  const line = `${secret}: ${[last, ...next].join(", ")}`;
  return [line, ...(problem ? [`${secret}: ${withHint(problem.message, problem.hint)}`] : [])];
}

/** What waits between two phases though it need not. */
function readyLines({ secret, phase }: SecretStatus): string[] {
  const what = phase && readyText(phase);
  if (what === undefined) return [];
  const since = phase?.since === undefined ? "" : ` since ${minute(phase.since)}`;
  return [`${secret}: ${withHint(`${what}${since}`, phase?.hint)}`];
}

function minute(instant: string): string {
  return `${instant.slice(0, 16)}Z`;
}

function plainTable(status: readonly SecretStatus[]): string {
  const table = newTable([
    ...["secret", "kind", "strategy", "version", "rotated", "age d", "limit d", "state", "next", "why"],
  ]);
  for (const one of status) {
    const { secret, kind, strategy, versionId, rotatedAt, ageDays, maxAgeDays } = one;
    const row = [secret, kind, strategy, shortVersion(versionId), rotatedAt ?? "–", ageDays ?? "–", maxAgeDays];
    table.push([...row, stateText(one), nextRun(one), why(one)]);
  }
  return table.toString();
}

/** Narrower, and with the next rotation in two lines. */
function terminalTable(status: readonly SecretStatus[], look: Look): string {
  const table = newTable(["secret", "kind", "version", "age", "state", "next"]);
  for (const one of status) {
    const { secret, kind, versionId, next } = one;
    const state = paintedState(stateText(one), one, look);
    const then = [nextRun(one), ...(next ? next.why.split("; ") : [why(one)])].join("\n").trimEnd();
    table.push([secret, kind, shortVersion(versionId), ageBar(one, look), state, then]);
  }
  return table.toString();
}

function stateText({ state, rotatable, byAws, daysToExpiry }: SecretStatus): string {
  const shown = [states[state] ?? state, ...expiry(daysToExpiry)].join(", ");
  if (rotatable || state === "unverified") return shown;
  return `${shown} (${byAws?.enabled ? "AWS rotates it" : "watched only"})`;
}

function expiry(days: number | undefined): string[] {
  if (days === undefined) return [];
  return [days < 0 ? "expired" : `${days} d left`];
}

function why({ next, runbook }: SecretStatus): string {
  return next?.why ?? (runbook === undefined ? "" : `by hand: runbook ${runbook}`);
}

function nextRun({ next }: SecretStatus): string {
  return next ? minute(next.at) : "–";
}
