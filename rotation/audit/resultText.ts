import type { AuditRecord } from "./record";

/** How a run ended for one of its secrets, for people. */
export function resultText(run: AuditRecord, secret: AuditRecord["secrets"][number]): string {
  const { outcome, error, fromStrategy, strategy } = secret;
  // It is under way, or it was killed.
  if (run.state === "started") return "started, not ended";
  if (error) return `failed at ${error.step}: ${error.code}`;
  const ended = outcome ?? run.result ?? "–";
  return fromStrategy === undefined ? ended : `${ended}, ${fromStrategy} → ${strategy}`;
}
