import { exceptionsSection } from "../report/exceptions";
import { type Html, html } from "../report/html";
import { type Column, moment, page, state, table, tiles } from "../report/page";
import { version } from "../report/timeline";
import type { Evidence } from "./evidence";
import type { Member } from "./population";
import { didRotate, type RotationRow } from "./rotations";

/** The evidence as one HTML file. */
export function evidencePage(evidence: Evidence): string {
  const { stack, environment, from, to, generatedAt, place, population, rotations, exceptions, remarks } = evidence;
  const failed = rotations.filter(({ errorCode }) => errorCode !== undefined);
  const proven = rotations.filter(({ refused }) => refused !== undefined);
  const inForce = exceptions?.filter(({ state: is }) => is === "in force").length;
  const summary = tiles([
    { count: population.length, what: "secrets in the population", tone: "idle" },
    { count: rotations.filter(didRotate).length, what: "rotations", tone: "ok" },
    { count: failed.length, what: "failed", tone: failed.length > 0 ? "bad" : "ok" },
    { count: proven.length, what: "with proof of refusal", tone: "idle" },
    ...(inForce === undefined
      ? []
      : [{ count: inForce, what: "exceptions in force", tone: inForce > 0 ? "soon" : "ok" } as const]),
  ]);
  return page({
    title: `Evidence of secret rotation: ${environment}, ${from} to ${to}`,
    facts: [
      html`Stack ${stack}; UTC days, the first and the last one with them; made at ${moment(generatedAt)}`,
      html`Audit trail: ${place}`,
    ],
    summary,
    sections: [
      {
        id: "remarks",
        title: "Remarks",
        body: html`<ul>${remarks.map((remark) => html`<li class="wide">${remark}</li>\n`)}</ul>`,
      },
      { id: "population", title: "Population, and the limit of each secret", body: populationTable(population) },
      { id: "rotations", title: "Rotations", body: rotationsTable(rotations) },
      { id: "exceptions", title: "Exceptions of the policies", body: exceptionsSection(exceptions) },
    ],
    foot: "Made by secret-rotation. It holds names, versions and dates, and no value of a secret. manifest.json has the SHA-256 of each file beside this one, and of this one.",
  });
}

function populationTable(population: readonly Member[]): Html {
  const columns: readonly Column<Member>[] = [
    { title: "secret", class: "name", cell: ({ fullName }) => fullName },
    { title: "kind", class: "once", cell: ({ kind }) => kind },
    { title: "declared", cell: ({ declared }) => (declared ? "yes" : "no") },
    { title: "limit d", class: "number", cell: ({ maxAgeDays }) => maxAgeDays },
    { title: "of its kind d", class: "number", cell: ({ defaultMaxAgeDays }) => defaultMaxAgeDays },
    { title: "reason of the limit", class: "wide", cell: ({ maxAgeReason }) => maxAgeReason },
    { title: "rotated", class: "once", cell: ({ rotatedAt }) => rotatedAt?.slice(0, 10) },
    { title: "age d", class: "number", cell: ({ ageDays }) => ageDays },
    { title: "state now", class: "once", cell: ({ state: is }) => is },
    { title: "rotations", class: "number", cell: ({ rotations }) => rotations },
    { title: "failed", class: "number", cell: ({ failures }) => failures },
  ];
  return table("The declared secrets, and those that the audit trail of the period knows.", columns, population);
}

function rotationsTable(rows: readonly RotationRow[]): Html {
  if (rows.length === 0) return html`<p>The audit trail has none in this period.</p>`;
  const columns: readonly Column<RotationRow>[] = [
    { title: "when", class: "once", cell: ({ startedAt }) => moment(startedAt) },
    { title: "secret", class: "name", cell: ({ secret }) => secret },
    { title: "what", cell: whatOf },
    { title: "result", class: "wide", cell: resultOf },
    {
      title: "old, new",
      class: "wide",
      cell: (row) => html`${version(row.oldVersionId)}<br>${version(row.newVersionId)}`,
    },
    { title: "who", class: "wide", cell: ({ actor }) => actor },
    {
      title: "why",
      class: "wide",
      cell: ({ reason, trigger }) => (reason === undefined ? trigger : `${trigger}: ${reason}`),
    },
    { title: "old one refused", class: "wide", cell: refusal },
  ];
  return table("Each run, by secret, the oldest first.", columns, rows);
}

function whatOf({ command, emergency, fromStrategy, strategy }: RotationRow): string {
  if (fromStrategy !== undefined) return `${command}, ${fromStrategy} → ${strategy}`;
  return emergency ? `${command} (emergency)` : command;
}

function resultOf(row: RotationRow): Html {
  const { result, error, errorCode } = row;
  const tone = didRotate(row) || result === "unchanged" ? "ok" : errorCode === undefined ? "idle" : "bad";
  return html`${state(result, tone)}${error === undefined ? undefined : html`<br><span class="small">${error}</span>`}`;
}

function refusal({ refused, refusedAt }: RotationRow): Html | undefined {
  if (refused === undefined) return undefined;
  return html`${refused} <span class="soft small">${refusedAt === undefined ? "" : moment(refusedAt)}</span>`;
}
