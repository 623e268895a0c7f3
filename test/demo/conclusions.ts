import { defaultLoad } from "../sampleService/load";
import type { SummaryOptions } from "./summary";
import { rolloutsText } from "./summary";
import type { FailedWindow, Verdict } from "./verdict";

export interface ConclusionOptions extends SummaryOptions {
  readonly verdict: Verdict;
  /** Milliseconds since the epoch: 0 s of the timeline. */
  readonly zeroMs: number;
}

const wantedRate = 200;
const shownFailures = 10;

/** The measured result in words: what failed and why, and what it is compared with. */
export function conclusions(options: ConclusionOptions): string[] {
  const { secrets, report, load, restarts, verdict } = options;
  const failed = report.secrets.flatMap(({ error }) => (error ? [`FAILED: ${error.message}`] : []));
  return [
    ...failed,
    rateText(options),
    `Rollouts: ${rolloutsText(secrets, restarts)}; secrets that rotate in one run share them.`,
    ...ownProbesText(options),
    ...verdict.windows.map((window) => windowText(window, options)),
    ...unexpectedText(verdict, options.zeroMs),
    verdict.unexpectedCount === 0
      ? `Of ${load.total.sent} requests none failed that should not have.`
      : `${verdict.unexpectedCount} of ${load.total.sent} requests failed that should not have.`,
  ];
}

function rateText({ load }: ConclusionOptions): string {
  const { requestsPerSecond, skipped, total } = load;
  const below =
    requestsPerSecond < wantedRate ? `, less than the ${wantedRate} it should be: this machine is too busy` : "";
  const unsent = skipped > 0 ? `; ${skipped} were due but not sent, as ${defaultLoad.maxInFlight} were under way` : "";
  const { p50, p99, max } = total.latencyMs;
  const latency = `answered in ${p50.toFixed(0)} ms (half), ${p99.toFixed(0)} ms (99 %), ${max.toFixed(0)} ms (slowest)`;
  return `Load: ${requestsPerSecond.toFixed(0)} requests/s${below}${unsent}; ${latency}.`;
}

function ownProbesText({ refusals }: ConclusionOptions): string[] {
  const own = refusals.reduce((sum, { whileSetting }) => sum + whileSetting, 0);
  if (own === 0) return [];
  return [
    `Not counted as refused: ${own} logins before a password was set, by which the driver asked if it was set already.`,
  ];
}

function windowText({ secret, count, firstMs, lastMs, kinds }: FailedWindow, { zeroMs }: ConclusionOptions): string {
  const [from, to] = [firstMs, lastMs].map((ms) => ((ms - zeroMs) / 1000).toFixed(1));
  const what = [...kinds].map(([kind, n]) => `${n} × ${kind}`).join(", ");
  return [
    `${secret} is single-user: its window was ${((lastMs - firstMs) / 1000).toFixed(1)} s (from ${from} s to ${to} s), ${count} requests failed in it (${what}).`,
    "  It is in the nature of one role: from ALTER ROLE until the last pod has the new password, a new login with the",
    "  old one is refused. Sessions that are open go on. alternating-users has no such window.",
  ].join("\n");
}

function unexpectedText({ unexpected }: Verdict, zeroMs: number): string[] {
  const lines = unexpected.slice(0, shownFailures).map(({ at, service, path, kind }) => {
    return `  ${((at.getTime() - zeroMs) / 1000).toFixed(2)} s  ${service} ${path}: ${kind}`;
  });
  const more = unexpected.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … and ${more} more`] : [])];
}
