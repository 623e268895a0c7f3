import { readyText } from "../status/phaseStatus";
import type { Html } from "./html";
import { type Column, moment, table } from "./page";
import type { ReportedSecret } from "./report";

/** Rotations of several phases whose next one could be done: an older credential that is still valid, say. */
export function unfinishedIn(secrets: readonly ReportedSecret[]): ReportedSecret[] {
  return secrets
    .filter(({ phase }) => phase?.isReady)
    .toSorted((a, b) => (a.phase?.since ?? "").localeCompare(b.phase?.since ?? ""));
}

export function unfinishedSection(found: readonly ReportedSecret[], generatedAt: string): Html {
  const columns: readonly Column<ReportedSecret>[] = [
    { title: "secret", class: "name", cell: ({ secret }) => secret },
    { title: "what waits", class: "wide", cell: ({ phase }) => phase && readyText(phase) },
    { title: "since", class: "once", cell: ({ phase }) => phase?.since && moment(phase.since) },
    { title: "days", class: "number", cell: ({ phase }) => phase?.since && daysBetween(phase.since, generatedAt) },
    { title: "what to do", class: "wide", cell: ({ phase }) => phase?.hint },
  ];
  return table("Rotations of several phases whose next one could be done, the oldest first.", columns, found);
}

function daysBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
