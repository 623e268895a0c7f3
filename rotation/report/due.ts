import { standing } from "./ages";
import { type Html, html } from "./html";
import { type Column, state, table } from "./page";
import type { Report, ReportedSecret } from "./report";

export const dueWithinDays = 30;
const msPerDay = 86_400_000;

/** What a policy calls stale now, or will within the time, the first one first. */
export function dueIn({ secrets, generatedAt }: Pick<Report, "secrets" | "generatedAt">): ReportedSecret[] {
  const until = Date.parse(generatedAt) + dueWithinDays * msPerDay;
  return secrets
    .filter(({ due, state }) => state === "never-rotated" || (due !== undefined && Date.parse(due.at) <= until))
    .toSorted((a, b) => Date.parse(a.due?.at ?? generatedAt) - Date.parse(b.due?.at ?? generatedAt));
}

export function dueSection(report: Pick<Report, "secrets" | "generatedAt" | "stack">): Html {
  const { stack, generatedAt } = report;
  const found = dueIn(report);
  if (found.length === 0) return html`<p>Nothing is due in the next ${dueWithinDays} days.</p>`;
  const columns: readonly Column<ReportedSecret>[] = [
    { title: "secret", class: "name", cell: ({ secret }) => secret },
    { title: "due on", class: "once", cell: ({ due }) => due?.at.slice(0, 10) ?? "now" },
    { title: "in days", class: "number", cell: ({ due }) => daysTo(due?.at, generatedAt) },
    { title: "policy", class: "once", cell: ({ due }) => due?.policy },
    { title: "state", class: "once", cell: (secret) => state(...standing(secret)) },
    { title: "what to do", class: "wide", cell: (secret) => cure(secret, stack) },
  ];
  return table(`From this day on a policy is violated (UTC); the next ${dueWithinDays} days.`, columns, found);
}

function daysTo(at: string | undefined, now: string): number {
  return at === undefined ? 0 : Math.floor(Date.parse(at) / msPerDay) - Math.floor(Date.parse(now) / msPerDay);
}

function cure({ secret, rotatable, strategy }: ReportedSecret, stack: string): Html {
  if (rotatable) return html`<code>npm run rotate -- ${secret} --stack ${stack}</code>`;
  return html`${strategy === "native" ? "AWS rotates it: status says when, and whether that failed" : "rotate it by hand; only its age is watched"}`;
}
