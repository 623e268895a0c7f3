import type { RunTrace, Traced } from "./runTrace";

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
