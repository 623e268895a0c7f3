import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { Failure, LoadReport } from "../sampleService/load/report";
import type { StepSpan } from "./driver";

/** The requests of the sample service that need a secret. The session key has none of its own. */
export const pathsOf: Readonly<Record<string, readonly string[]>> = Object.freeze({
  "shop/orders-db": ["/query/orders"],
  "shop/reports-db": ["/query/reports"],
  "shop/jwt-signing": ["/token", "/verify"],
});

export interface FailedWindow {
  readonly secret: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Kinds of failure, with how many there were of each. */
  readonly kinds: ReadonlyMap<string, number>;
}

export interface Verdict {
  /** Failures that are in the nature of single-user: by secret, those that have any. */
  readonly windows: readonly FailedWindow[];
  /** Failures that nothing excuses. */
  readonly unexpected: readonly Failure[];
  /** How many there were in all, were some not kept by the load. */
  readonly unexpectedCount: number;
}

/**
 * Sorts the failed requests. The only ones that may be: queries of a single-user database, from the moment at which its
 * one role gets the new password until every pod has it.
 *
 * @param spans of every rotation that was run under the load
 */
export function judge(secrets: readonly SecretDeclaration[], spans: readonly StepSpan[], report: LoadReport): Verdict {
  const excuses = secrets
    .filter(({ strategy }) => strategy === "single-user")
    .map(({ name }) => ({ name, paths: pathsOf[name] ?? [], windows: windowsOf(name, spans) }));
  const secretOf = ({ path, at }: Failure) =>
    excuses.find(({ paths, windows }) => {
      const time = at.getTime();
      return paths.includes(path) && windows.some(({ fromMs, toMs }) => time >= fromMs && time <= toMs);
    })?.name;
  const excused = Map.groupBy(report.failures, secretOf);
  const unexpected = excused.get(undefined) ?? [];
  const windows = [...excused].flatMap(([secret, failures]) =>
    secret === undefined ? [] : [windowOf(secret, failures)],
  );
  const notKept = report.total.failed - report.failures.length;
  return { windows, unexpected, unexpectedCount: unexpected.length + notKept };
}

/** From the begin of `set` to the end of `verify`, or for ever where that was never reached. */
function windowsOf(secret: string, spans: readonly StepSpan[]): { fromMs: number; toMs: number }[] {
  const own = spans.filter((span) => span.secret === secret);
  return own
    .filter(({ step }) => step === "set")
    .map(({ startMs }) => {
      const verify = own.find(({ step, startMs: at }) => step === "verify" && at >= startMs);
      return { fromMs: startMs, toMs: verify?.endMs ?? Number.POSITIVE_INFINITY };
    });
}

function windowOf(secret: string, failures: readonly Failure[]): FailedWindow {
  const times = failures.map(({ at }) => at.getTime());
  const kinds = new Map([...Map.groupBy(failures, ({ kind }) => kind)].map(([kind, some]) => [kind, some.length]));
  return { secret, count: failures.length, firstMs: Math.min(...times), lastMs: Math.max(...times), kinds };
}

/** Requests that need this secret; undefined where there is none. */
export function requestsOf(secret: string, { byPath }: LoadReport): { sent: number; failed: number } | undefined {
  const paths = pathsOf[secret];
  if (paths === undefined) return undefined;
  const counts = Object.entries(byPath).filter(([key]) => paths.includes(key.split(" ")[1] ?? ""));
  return {
    sent: counts.reduce((sum, [, { sent }]) => sum + sent, 0),
    failed: counts.reduce((sum, [, { failed }]) => sum + failed, 0),
  };
}
