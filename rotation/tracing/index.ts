import type { Observer } from "../run/observer";
import type { RunResult } from "../run/result";

/** Follows one run as an observer, and sends its trace at the end. */
export interface RunTrace extends Observer {
  /** @returns why it was not sent, with what to do; undefined: it was. Never throws. */
  ended(run: RunResult | undefined, error?: unknown): Promise<string | undefined>;
}

/** What the trace says of the run besides its steps. */
export interface Traced {
  readonly environment: string;
  readonly stack: string;
}

/**
 * The trace of a run by OpenTelemetry's own variables. Its SDK is loaded when an endpoint is set only.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function runTraceOf(env: NodeJS.ProcessEnv, traced: Traced): RunTrace | undefined {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "";
  if (endpoint === "" || env.OTEL_SDK_DISABLED === "true" || env.OTEL_TRACES_EXPORTER === "none") return undefined;
  return (require("./otlp") as typeof import("./otlp")).otlpTrace(env, traced);
}
