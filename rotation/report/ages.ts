import type { SecretStatus } from "../status/status";
import { type Html, html } from "./html";
import { type Column, state, type Tone, table } from "./page";
import type { ReportedSecret } from "./report";

/** How a secret stands, in a word and a tone. */
export function standing({ state: is, rotatable }: Pick<SecretStatus, "state" | "rotatable">): [string, Tone] {
  switch (is) {
    case "ok":
      return [rotatable ? "ok" : "ok (watched only)", "ok"];
    case "due":
      return ["due", "soon"];
    case "stale":
      return ["overdue", "bad"];
    case "never-rotated":
      return ["never rotated", "bad"];
    case "unverified":
      return ["rotated by AWS, not verified", "soon"];
    case "interrupted":
      return ["interrupted", "bad"];
    case "unknown":
      return ["unknown", "bad"];
    case "deleted":
      return ["scheduled for deletion", "idle"];
    case "not-provisioned":
      return ["not provisioned", "idle"];
  }
}

/** The limit is the mark at two thirds: what is past it is overdue. */
const limitAt = 100;
const width = 150;

function bar(secret: ReportedSecret): Html {
  const { ageDays, maxAgeDays } = secret;
  if (ageDays === undefined) return html`<span class="soft">no date that could be believed</span>`;
  const share = ageDays / maxAgeDays;
  const [, tone] = standing(secret);
  const shown = Math.min(width, Math.max(1, share * limitAt)).toFixed(1);
  const text = `${ageDays} of ${maxAgeDays} days, ${Math.round(share * 100)} %`;
  return html`<svg class="bar" viewBox="0 0 ${width} 12" preserveAspectRatio="none" role="img" aria-label="${text}"><rect class="track" y="2" width="${width}" height="8"/><rect class="${tone}" y="2" width="${shown}" height="8"/><line class="limit" x1="${limitAt}" x2="${limitAt}" y1="0" y2="12" vector-effect="non-scaling-stroke"/></svg>`;
}

const columns: readonly Column<ReportedSecret>[] = [
  { title: "secret", class: "name", cell: ({ secret }) => secret },
  { title: "kind", class: "once", cell: ({ kind }) => kind },
  { title: "age against its limit", class: "wide", cell: bar },
  { title: "age d", class: "number", cell: ({ ageDays }) => ageDays },
  { title: "limit d", class: "number", cell: ({ maxAgeDays }) => maxAgeDays },
  { title: "rotated", class: "once", cell: ({ rotatedAt }) => rotatedAt?.slice(0, 10) },
  { title: "state", class: "once", cell: (secret) => state(...standing(secret)) },
];

/** Ages against limits, the one that is nearest to its limit, or furthest beyond it, first. */
export function agesSection(secrets: readonly ReportedSecret[]): Html {
  if (secrets.length === 0) return html`<p>The stack declares no secret.</p>`;
  const sorted = secrets.toSorted((a, b) => urgency(b) - urgency(a) || a.secret.localeCompare(b.secret));
  return table("The mark in each bar is the limit: what is past it is overdue.", columns, sorted);
}

function urgency(secret: ReportedSecret): number {
  const { ageDays, maxAgeDays } = secret;
  const [, tone] = standing(secret);
  return { bad: 1000, soon: 100, ok: 0, idle: -1 }[tone] + (ageDays ?? 0) / maxAgeDays;
}
