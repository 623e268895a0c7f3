import type { AuditRecord } from "../audit/record";
import { shortVersion } from "../shortVersion";
import { type Html, html } from "./html";
import { type Column, moment, state, type Tone, table } from "./page";

type SecretRecord = AuditRecord["secrets"][number];

const tones: Readonly<Record<NonNullable<AuditRecord["result"]>, Tone>> = {
  ok: "ok",
  failed: "bad",
  interrupted: "soon",
  "policy violation": "bad",
  locked: "idle",
};

export function runState(run: AuditRecord): Html {
  const { state: is, result } = run;
  return is === "started" || result === undefined ? state("started, not ended", "soon") : state(result, tones[result]);
}

const namesShown = 5;

/** The runs, the newest first. */
export function historySection(runs: readonly AuditRecord[], place: string): Html {
  if (runs.length === 0) return html`<p>The audit trail (${place}) has no run.</p>`;
  const columns: readonly Column<AuditRecord>[] = [
    { title: "when", class: "once", cell: ({ startedAt }) => moment(startedAt) },
    { title: "result", class: "once", cell: runState },
    { title: "run", class: "once", cell: ({ runId }) => html`<code title="${runId}">${shortVersion(runId)}</code>` },
    {
      title: "command",
      class: "once",
      cell: ({ command, emergency }) => (emergency ? `${command} (emergency)` : command),
    },
    { title: "secrets", class: "wide", cell: ({ secrets }) => named(secrets) },
    { title: "who", class: "wide", cell: ({ actor, trigger }) => `${actor.name} (${trigger})` },
    { title: "why", class: "wide", cell: ({ reason, restoredFrom }) => reason ?? restoredFrom },
  ];
  return table(`From ${place}, the newest first.`, columns, runs);
}

function named(secrets: readonly SecretRecord[]): string {
  const failed = secrets.filter(({ error }) => error);
  const names = [
    ...failed.map(({ name }) => `${name} (failed)`),
    ...secrets.filter(({ error }) => !error).map(({ name }) => name),
  ];
  const left = names.length - namesShown;
  return [...names.slice(0, namesShown), ...(left > 0 ? [`and ${left} more`] : [])].join(", ");
}
