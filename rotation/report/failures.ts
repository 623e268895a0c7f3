import type { AuditRecord } from "../audit/record";
import { type Html, html } from "./html";
import { moment } from "./page";
import type { Report } from "./report";

interface Failure {
  readonly what: string;
  readonly since: string | undefined;
  readonly cure: string | undefined;
}

/** What asks for somebody: secrets of which AWS does not tell, and runs that failed with nothing after them that went well. */
export function failuresOf({ secrets, trail, stack }: Pick<Report, "secrets" | "trail" | "stack">): Failure[] {
  const again = (secret: string) => `npm run rotate -- ${secret} --stack ${stack}`;
  const unknown = secrets.flatMap(({ secret, state, error }) => {
    if (error) return [{ what: error.message, since: undefined, cure: error.hint }];
    if (state !== "interrupted") return [];
    return [
      { what: `${secret}: a rotation was interrupted`, since: undefined, cure: `go on with it: ${again(secret)}` },
    ];
  });
  const declared = new Set(secrets.map(({ secret }) => secret));
  const seen = new Set<string>();
  const failed: Failure[] = [];
  for (const run of "runs" in trail ? trail.runs : []) {
    const { startedAt: since, error, secrets: ofRun } = run;
    for (const secret of ofRun) {
      if (seen.has(secret.name) || !declared.has(secret.name) || run.command === "backup") continue;
      // A run that was stopped before it came to a secret says nothing of it, unless it is the last one.
      if (secret.error || secret.outcome !== undefined) seen.add(secret.name);
      if (secret.error) failed.push({ what: withCode(secret), since, cure: secret.error.hint ?? again(secret.name) });
    }
    if (run === trailOf(trail)[0] && error) {
      const violated = (run.violations ?? []).map(({ policy, secret }) => `${policy}${secret ? ` (${secret})` : ""}`);
      const cure = violated.length > 0 ? `cure what is violated: ${violated.join(", ")}` : undefined;
      failed.push({ what: `the last run ended early: ${error.message ?? error.name}`, since, cure });
    }
  }
  return [...unknown, ...failed];
}

function trailOf(trail: Report["trail"]): readonly AuditRecord[] {
  return "runs" in trail ? trail.runs : [];
}

function withCode({ error }: AuditRecord["secrets"][number]): string {
  return `${error?.message} (${error?.code})`;
}

export function failuresSection(failures: readonly Failure[], trail: Report["trail"]): Html {
  if (failures.length === 0 && "missing" in trail) return html`<p>Not known: there is no audit trail to read.</p>`;
  if (failures.length === 0) return html`<p>Nothing has failed that a later run has not cured.</p>`;
  return html`${failures.map(
    ({ what, since, cure }) => html`<div class="failure">
<p>${what}${since === undefined ? undefined : html` <span class="soft small">${moment(since)}</span>`}</p>
${cure === undefined ? undefined : html`<p class="cure"><b>Cure:</b> ${cure}</p>`}
</div>
`,
  )}`;
}
