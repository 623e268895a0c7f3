import type { ReloaderView } from "../ports/reloaderView";

/** How long Reloader pauses a Deployment when it restarts it, in seconds; undefined: it does not, or the annotation is no duration. */
export function pauseSeconds({ annotations }: ReloaderView): number | undefined {
  return secondsOf(annotations["deployment.reloader.stakater.com/pause-period"] ?? "");
}

const unitSeconds: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** As Go's time.ParseDuration reads it, e.g. `1h30m`; no sign. */
function secondsOf(text: string): number | undefined {
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (unitSeconds[unit] ?? 0), 0);
}
