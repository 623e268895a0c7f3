import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { projectName } from "../../infra/names";
import { describeError, RotationError } from "../errors";
import type { RunResult } from "../result";
import type { RunTrace, Traced } from "./runTrace";

/** For all that is sent: the result of a run does not wait longer for its trace. */
const timeoutMillis = 5000;
const batchSize = 500;
const attribute = (name: string) => `secret_rotation.${name}`;

/**
 * A span of the run, in it one of each secret, in that one of each step. Attributes are names, counts and error codes: what
 * an error says stays out, as an engine's or a server's may quote anything.
 */
export function otlpTrace(env: NodeJS.ProcessEnv, { environment, stack }: Traced): RunTrace {
  const finished: ReadableSpan[] = [];
  const done = async () => undefined;
  const collect = {
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => void finished.push(span),
    forceFlush: done,
    shutdown: done,
  };
  const resource = resourceFromAttributes({ "service.name": projectName }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const tracer = new BasicTracerProvider({ resource, spanProcessors: [collect] }).getTracer(projectName);
  const attributes = { [attribute("environment")]: environment, [attribute("stack")]: stack };
  const root = tracer.startSpan("rotation", { attributes }, ROOT_CONTEXT);
  const inRoot = trace.setSpan(ROOT_CONTEXT, root);
  const secrets = new Map<string, { span: Span; context: Context; endedAt: number }>();
  const steps = new Map<string, Span>();
  const ofSecret = (name: string) => {
    const known = secrets.get(name);
    if (known) return known;
    const span = tracer.startSpan(name, { attributes: { [attribute("secret")]: name } }, inRoot);
    const made = { span, context: trace.setSpan(inRoot, span), endedAt: Date.now() };
    secrets.set(name, made);
    return made;
  };
  return {
    stepStarted(secret, step) {
      const named = { attributes: { [attribute("secret")]: secret, [attribute("step")]: step } };
      steps.set(`${secret} ${step}`, tracer.startSpan(step, named, ofSecret(secret).context));
    },
    stepEnded(secret, step, error) {
      const span = steps.get(`${secret} ${step}`);
      if (!span) return;
      steps.delete(`${secret} ${step}`);
      if (error) failed(span, codeOf(error));
      span.end();
      ofSecret(secret).endedAt = Date.now();
    },
    async ended(run, error) {
      for (const span of steps.values()) span.end();
      for (const [name, { span, endedAt }] of secrets) {
        const result = run?.secrets.find(({ secret }) => secret === name);
        if (result)
          span.setAttributes({ [attribute("outcome")]: result.outcome, [attribute("emergency")]: result.emergency });
        if (result?.error) failed(span, result.error.code);
        span.end(endedAt);
      }
      describeRun(root, run, error);
      root.end();
      return send(env, finished);
    },
  };
}

function describeRun(root: Span, run: RunResult | undefined, error: unknown): void {
  if (run) root.setAttributes({ [attribute("run_id")]: run.runId, [attribute("secrets")]: run.secrets.length });
  const first = run?.secrets.find((secret) => secret.error)?.error;
  if (error !== undefined) failed(root, error instanceof Error ? codeOf(error) : "Error");
  else if (first) failed(root, first.code);
}

function failed(span: Span, code: string): void {
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** An error's name is of its class, and quotes nothing. */
function codeOf(error: Error): string {
  return error instanceof RotationError ? error.code : error.name;
}

/** @throws Error when another protocol is asked for */
function otlpExporter(env: NodeJS.ProcessEnv): SpanExporter {
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf";
  if (protocol === "http/protobuf") return new OTLPTraceExporter({ timeoutMillis });
  throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL says ${protocol}`);
}

async function send(env: NodeJS.ProcessEnv, spans: readonly ReadableSpan[]): Promise<string | undefined> {
  const end = Date.now() + timeoutMillis;
  try {
    const exporter = otlpExporter(env);
    for (let from = 0; from < spans.length; from += batchSize) {
      if (Date.now() > end) throw new Error(`the collector takes longer than ${timeoutMillis / 1000} s`);
      await exported(exporter, spans.slice(from, from + batchSize));
    }
    return undefined;
  } catch (error) {
    const hint =
      "see whether OTEL_EXPORTER_OTLP_ENDPOINT is the address of a collector that takes http/protobuf, e.g. http://collector:4318";
    return `the trace was not sent: ${describeError(error)}. ${hint}`;
  }
}

function exported(exporter: SpanExporter, spans: ReadableSpan[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  exporter.export(spans, ({ code, error }) => {
    if (code === ExportResultCode.SUCCESS) resolve();
    else reject(error ?? new Error("the collector refused it"));
  });
  return promise;
}
