import type { AuditRecord } from "../audit/record";
import { resultText } from "../audit/resultText";
import { shortVersion } from "../shortVersion";
import { steps } from "../steps";
import { type Html, html } from "./html";
import { type Column, moment, table } from "./page";

type SecretRecord = AuditRecord["secrets"][number];

/** A page with thousands of lanes shows no more than one with these. */
const lanes = 100;
const width = 1000;

/** The steps of a run, as long as they took, with the same in numbers. */
export function timelineSection(run: AuditRecord): Html {
  const { runId, startedAt, endedAt, secrets, actor } = run;
  const shown = secrets.toSorted((a, b) => rank(b) - rank(a)).slice(0, lanes);
  const left = secrets.length - shown.length;
  const total = Math.max(0.001, ...secrets.map(endOf), endedAt ? seconds(startedAt, endedAt) : 0);
  const used = steps.filter((step) => shown.some(({ seconds, starts }) => step in seconds || step in (starts ?? {})));
  const columns: readonly Column<SecretRecord>[] = [
    { title: "secret", class: "name", cell: ({ name }) => name },
    { title: `0 to ${total.toFixed(1)} s`, class: "wide", cell: (secret) => lane(secret, total) },
    { title: "result", class: "once", cell: (secret) => resultText(run, secret) },
    ...used.map((step): Column<SecretRecord> => {
      return { title: step, class: "number", cell: (secret) => secret.seconds[step]?.toFixed(2) };
    }),
  ];
  return html`<p class="small">Run <code>${runId}</code>, ${run.command} by ${actor.name}, ${moment(startedAt)}.</p>
<ul class="legend" aria-label="Steps by colour">
${used.map((step) => html`<li><i class="s${steps.indexOf(step)}"></i>${step}</li>\n`)}</ul>
${table("Steps in seconds. Failed and slow ones come first.", columns, shown)}
${left > 0 ? html`<p class="soft small">and ${left} more secrets</p>` : undefined}`;
}

function rank(secret: SecretRecord): number {
  return (secret.error ? 1e6 : 0) + endOf(secret);
}

function endOf({ seconds, starts = {} }: SecretRecord): number {
  return Math.max(0, ...Object.entries(seconds).map(([step, s]) => (starts[step] ?? 0) + s));
}

function lane({ name, seconds, starts, error }: SecretRecord, total: number): Html {
  if (starts === undefined) return html`<span class="soft">not on record</span>`;
  const begun = steps.filter((step) => starts[step] !== undefined);
  const at = (s: number) => ((s / total) * width).toFixed(1);
  const rects = begun.map((step) => {
    const [start = 0, length = 0] = [starts[step], seconds[step]];
    const text = `${step}: from ${start.toFixed(2)} s, ${length.toFixed(2)} s${error?.step === step ? ", failed" : ""}`;
    // So that what took no time is seen too.
    const wide = Math.max(2, (length / total) * width).toFixed(1);
    return html`<rect class="s${steps.indexOf(step)}" x="${at(start)}" y="2" width="${wide}" height="8"><title>${text}</title></rect>`;
  });
  const label = `${name}: ${begun.join(", ")}${error ? `; failed at ${error.step}` : ""}`;
  return html`<svg class="lane" viewBox="0 0 ${width} 12" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="track" y="2" width="${width}" height="8"/>${rects}</svg>`;
}

function seconds(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** What tables show of a version, with the whole of it beside the pointer. */
export function version(id: string | undefined): Html {
  return id === undefined ? html`–` : html`<code title="${id}">${shortVersion(id)}</code>`;
}
