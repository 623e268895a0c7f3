import type { AuditRecord } from "../audit/record";
import { resultText } from "../audit/resultText";
import { shortVersion } from "../shortVersion";
import { newTable } from "./table";

/** A row for each secret of a run, the newest run first. @param name  only this secret's rows */
export function historyTable(runs: readonly AuditRecord[], name: string | undefined, place: string): string {
  if (runs.length === 0) return `${place} has no run${name === undefined ? "" : ` of ${name}`}`;
  const table = newTable(["when", "run", "actor", "trigger", "command", "secret", "old", "new", "result", "s"]);
  for (const run of runs) {
    const ofRun = [when(run), shortVersion(run.runId), shortActor(run), run.trigger, command(run)];
    const shown = run.secrets.filter((secret) => name === undefined || secret.name === name);
    shown.forEach((secret, i) => {
      const versions = [shortVersion(secret.oldVersionId), shortVersion(secret.newVersionId)];
      const row = i === 0 ? ofRun : ofRun.map(() => "");
      table.push([...row, secret.name, ...versions, resultText(run, secret), i === 0 ? duration(run) : ""]);
    });
  }
  const reasons = runs.flatMap(({ runId, reason }) => (reason ? [`${shortVersion(runId)}: ${reason}`] : []));
  return [table.toString(), ...reasons].join("\n");
}

function when({ startedAt }: AuditRecord): string {
  return `${startedAt.slice(0, 19).replace("T", " ")}Z`;
}

/** Of an ARN what tells one from another, e.g. `assumed-role/rotator/ci`. */
function shortActor({ actor }: AuditRecord): string {
  return actor.kind === "aws" ? actor.name.split(":").slice(5).join(":") : actor.name;
}

function command({ command, emergency }: AuditRecord): string {
  return emergency ? `${command} (emergency)` : command;
}

function duration({ startedAt, endedAt }: AuditRecord): string {
  if (endedAt === undefined) return "";
  return ((new Date(endedAt).getTime() - new Date(startedAt).getTime()) / 1000).toFixed(1);
}
