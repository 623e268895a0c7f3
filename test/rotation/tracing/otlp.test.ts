import assert from "node:assert/strict";
import { RotationError } from "../../../rotation/errors";
import type { RunResult, SecretResult } from "../../../rotation/result";
import { runTraceOf } from "../../../rotation/tracing";
import { type OtlpReceiver, otlpReceiver } from "../../otlpReceiver";

const traced = { environment: "prod", stack: "prod" };
const failure = new RotationError("ROLLOUT_FAILED", { secret: "b", step: "rollout" }, "says what may be anything");
const result = (secret: string, error?: RotationError): SecretResult => ({
  secret,
  strategy: "simple",
  emergency: false,
  outcome: error ? "failed" : "rotated",
  oldVersionId: "v1",
  newVersionId: "v2",
  seconds: {},
  error,
  warnings: [],
});
const run: RunResult = {
  runId: "run-1",
  stack: "prod",
  startedAt: "2026-01-01T00:00:00Z",
  seconds: 3,
  policySeconds: undefined,
  backup: undefined,
  secrets: [result("a"), result("b", failure)],
};

describe("the trace of a run", () => {
  let receiver: OtlpReceiver;
  // The exporter reads its variables from the process itself.
  const variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"];
  beforeEach(async () => {
    receiver = await otlpReceiver();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  });
  afterEach(async () => {
    for (const name of variables) delete process.env[name];
    await receiver.close();
  });
  const trace = () => runTraceOf(process.env, traced) ?? assert.fail("no trace");

  it("is none without an endpoint, or where it is switched off", () => {
    assert.equal(runTraceOf({}, traced), undefined);
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    assert.equal(runTraceOf({ ...endpoint, OTEL_SDK_DISABLED: "true" }, traced), undefined);
    assert.equal(runTraceOf({ ...endpoint, OTEL_TRACES_EXPORTER: "none" }, traced), undefined);
  });

  it("has the run, in it each secret, in that each step, and error codes without their texts", async () => {
    const observed = trace();
    observed.stepStarted("a", "create");
    observed.stepStarted("b", "create");
    observed.stepEnded("a", "create");
    observed.stepEnded("b", "create");
    observed.stepStarted("b", "rollout");
    observed.stepEnded("b", "rollout", failure);
    assert.equal(await observed.ended(run), undefined);
    const { spans, bodies } = receiver;
    assert.equal(new Set(spans.map((span) => span.trace)).size, 1);
    const parentOf = (parent: string | undefined) => spans.find(({ id }) => id === parent)?.name;
    const tree = spans.map(({ name, parent, failed }) => [parentOf(parent), name, failed]);
    assert.deepEqual(
      tree.sort((a, b) => (String(a) < String(b) ? -1 : 1)),
      [
        [undefined, "rotation", true],
        ["a", "create", false],
        ["b", "create", false],
        ["b", "rollout", true],
        ["rotation", "a", false],
        ["rotation", "b", true],
      ],
    );
    for (const { startedAt, endedAt, service } of spans) {
      assert.ok(endedAt >= startedAt && Math.abs(startedAt - Date.now() / 1000) < 60);
      assert.equal(service, "secret-rotation");
    }
    const named = (name: string) => spans.find((span) => span.name === name)?.attributes;
    assert.deepEqual(named("rotation"), {
      "secret_rotation.environment": "prod",
      "secret_rotation.stack": "prod",
      "secret_rotation.run_id": "run-1",
      "secret_rotation.secrets": "2",
      "error.type": "ROLLOUT_FAILED",
    });
    assert.deepEqual(named("b"), {
      "secret_rotation.secret": "b",
      "secret_rotation.outcome": "failed",
      "secret_rotation.emergency": false,
      "error.type": "ROLLOUT_FAILED",
    });
    assert.deepEqual(named("rollout"), {
      "secret_rotation.secret": "b",
      "secret_rotation.step": "rollout",
      "error.type": "ROLLOUT_FAILED",
    });
    assert.ok(!Buffer.concat(bodies).includes("may be anything"));
  });

  it("ends the steps under way of a run that was ended, and takes OpenTelemetry's names", async () => {
    process.env.OTEL_SERVICE_NAME = "rotation-of-shop";
    const observed = trace();
    observed.stepStarted("a", "create");
    assert.equal(await observed.ended(undefined, new TypeError("any")), undefined);
    assert.deepEqual(receiver.spans.map(({ name, service }) => [name, service]).sort(), [
      ["a", "rotation-of-shop"],
      ["create", "rotation-of-shop"],
      ["rotation", "rotation-of-shop"],
    ]);
    assert.equal(receiver.spans.find(({ name }) => name === "rotation")?.attributes["error.type"], "TypeError");
  });

  it("of many secrets is sent in parts", async () => {
    const observed = trace();
    for (let i = 0; i < 600; i++) {
      observed.stepStarted(`key-${i}`, "create");
      observed.stepEnded(`key-${i}`, "create");
    }
    assert.equal(await observed.ended({ ...run, secrets: [] }), undefined);
    assert.equal(receiver.spans.length, 1201);
    assert.ok(receiver.bodies.length >= 3);
  });

  it("that cannot be sent is told, with what to do", async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `${receiver.url}/other`;
    assert.match(
      (await trace().ended(run)) ?? "",
      /^the trace was not sent: .*see whether OTEL_EXPORTER_OTLP_ENDPOINT/,
    );
    const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
    assert.match((await runTraceOf(grpc, traced)?.ended(run)) ?? "", /OTEL_EXPORTER_OTLP_PROTOCOL says grpc/);
  });
});
