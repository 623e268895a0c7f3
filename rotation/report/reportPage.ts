import { agesSection, standing } from "./ages";
import { dueIn, dueSection, dueWithinDays } from "./due";
import { exceptionsSection } from "./exceptions";
import { failuresOf, failuresSection } from "./failures";
import { historySection } from "./history";
import { html } from "./html";
import { moment, page, type Section, tiles } from "./page";
import type { Report } from "./report";
import { timelineSection } from "./timeline";
import { unfinishedIn, unfinishedSection } from "./unfinished";

/** The report as one HTML file. */
export function reportPage(report: Report): string {
  const { stack, environment, generatedAt, secrets, trail, waivers } = report;
  const failures = failuresOf(report);
  const due = dueIn(report);
  const overdue = secrets.filter((secret) => ["stale", "never-rotated"].includes(secret.state));
  const fine = secrets.filter((secret) => standing(secret)[1] === "ok");
  const summary = tiles([
    { count: secrets.length, what: secrets.length === 1 ? "secret" : "secrets", tone: "idle" },
    { count: fine.length, what: "within their limit", tone: "ok" },
    {
      count: due.length - overdue.length,
      what: `due in ${dueWithinDays} days`,
      tone: due.length > overdue.length ? "soon" : "ok",
    },
    { count: overdue.length, what: "overdue or never rotated", tone: overdue.length > 0 ? "bad" : "ok" },
    {
      count: failures.length,
      what: failures.length === 1 ? "failure to be cured" : "failures to be cured",
      tone: failures.length > 0 ? "bad" : "ok",
    },
  ]);
  const sections: Section[] = [
    { id: "failures", title: "What has failed, and its cure", body: failuresSection(failures, trail) },
    { id: "due", title: `Due in ${dueWithinDays} days`, body: dueSection(report) },
    ...unfinished(report),
    ...lastRun(trail),
    { id: "ages", title: "Ages against limits", body: agesSection(secrets) },
    { id: "history", title: "History", body: historyOf(trail) },
    { id: "exceptions", title: "Exceptions of the policies", body: exceptionsSection(waivers) },
  ];
  return page({
    title: `Secret rotation: ${environment}`,
    facts: [html`Stack ${stack}, as it stood at ${moment(generatedAt)}`],
    summary,
    sections,
    foot: "Made by secret-rotation. It holds names, versions and dates, and no value of a secret.",
  });
}

function unfinished({ secrets, generatedAt }: Report): Section[] {
  const found = unfinishedIn(secrets);
  if (found.length === 0) return [];
  return [{ id: "unfinished", title: "Rotations to be finished", body: unfinishedSection(found, generatedAt) }];
}

const withoutSteps: ReadonlySet<string> = new Set(["backup", "record", "migrate"]);

function lastRun(trail: Report["trail"]): Section[] {
  const run = "runs" in trail ? trail.runs.find(({ command }) => !withoutSteps.has(command)) : undefined;
  return run ? [{ id: "run", title: "The last run", body: timelineSection(run) }] : [];
}

function historyOf(trail: Report["trail"]) {
  if ("missing" in trail) return html`<p>There is no history to show: ${trail.missing}</p>`;
  const remarks = trail.remarks.map((remark) => html`<p class="soft small">${remark}</p>\n`);
  return html`${remarks}${historySection(trail.runs, trail.place)}`;
}
