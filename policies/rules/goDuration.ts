const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;

/** Seconds of a duration as Go and Kubernetes write it, e.g. `5m`, `1h0m0s`, `0`; undefined where it is none. */
export function goDurationSeconds(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = text.replace(/^[+-]/, "");
  const parts = [...unsigned.matchAll(part)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== unsigned) return undefined;
  return sign * parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ""] ?? 0), 0);
}
