import assert from "node:assert/strict";
import { RotationError, StackLockedError } from "../../../rotation/errors";
import { InterruptedError } from "../../../rotation/interruption";
import { type Sample, samplesOfRun, samplesOfStatus } from "../../../rotation/metrics/samples";
import { PolicyError } from "../../../rotation/policyError";
import type { RunResult, SecretResult } from "../../../rotation/result";
import type { SecretStatus } from "../../../rotation/status/status";

const status = (some: Partial<SecretStatus>): SecretStatus => ({
  secret: "shop/key",
  kind: "app",
  strategy: "simple",
  rotatable: true,
  state: "ok",
  versionId: "v1",
  rotatedAt: "2026-01-01T00:00:00Z",
  ageDays: 12,
  maxAgeDays: 90,
  next: undefined,
  ...some,
});
const result = (some: Partial<SecretResult>): SecretResult => ({
  secret: "shop/key",
  strategy: "simple",
  emergency: false,
  outcome: "rotated",
  oldVersionId: "v1",
  newVersionId: "v2",
  seconds: { create: 0.5, rollout: 2 },
  error: undefined,
  warnings: [],
  ...some,
});
const run = (...secrets: SecretResult[]): RunResult => ({
  runId: "r",
  stack: "prod",
  startedAt: "2026-01-01T00:00:00Z",
  seconds: 3,
  policySeconds: undefined,
  backup: undefined,
  secrets,
});
const values = (samples: readonly Sample[]) =>
  Object.fromEntries(samples.map(({ measure, value }) => [measure, value]));
const failure = new RotationError("ROLLOUT_FAILED", { secret: "shop/key", step: "rollout" }, "it is stuck");

describe("what is measured", () => {
  it("of a status: age, limit, and the days until what expires does", () => {
    const [age, limit, ...others] = samplesOfStatus("prod", [status({})]);
    assert.deepEqual(age, { measure: "age", environment: "prod", secret: "prod/shop/key", value: 12 });
    assert.deepEqual([limit?.measure, limit?.value, others], ["maxAge", 90, []]);
    assert.deepEqual(values(samplesOfStatus("prod", [status({ daysToExpiry: -1 })])), {
      age: 12,
      daysToExpiry: -1,
      maxAge: 90,
    });
  });

  it("no age of what was never rotated, nothing of what is not there, deleted, or unknown", () => {
    assert.deepEqual(values(samplesOfStatus("prod", [status({ state: "never-rotated", ageDays: undefined })])), {
      maxAge: 90,
    });
    for (const state of ["not-provisioned", "deleted", "unknown"] as const) {
      assert.deepEqual(samplesOfStatus("prod", [status({ state })]), []);
    }
  });

  it("of a run: a success is no failure, and the other way round", () => {
    for (const outcome of ["rotated", "resumed", "rolled back", "restored"] as const) {
      const told = values(samplesOfRun("prod", run(result({ outcome }))));
      assert.deepEqual(told, { success: 1, failure: 0, duration: 2.5, age: 0 });
    }
    // A phase that has failed before has rung; the secret is as old as before.
    for (const outcome of ["prepared", "retired"] as const) {
      const told = values(samplesOfRun("prod", run(result({ outcome }))));
      assert.deepEqual(told, { success: 1, failure: 0, duration: 2.5 });
    }
    const told = values(samplesOfRun("prod", run(result({ outcome: "failed", error: failure }))));
    assert.deepEqual(told, { success: 0, failure: 1, duration: 2.5 });
    assert.deepEqual(samplesOfRun("prod", run(result({ outcome: "unchanged" }))), []);
  });

  it("of a run that ended as a whole: a failure for all, but not where it was locked out or interrupted", () => {
    const two = run(result({}), result({ secret: "shop/other", outcome: "failed", error: failure }));
    const failures = (error: unknown) =>
      samplesOfRun("prod", two, error).flatMap(({ measure, secret, value }) =>
        measure === "failure" ? [`${secret} ${value}`] : [],
      );
    assert.deepEqual(failures(new PolicyError([])), ["prod/shop/key 1", "prod/shop/other 1"]);
    assert.deepEqual(failures(new Error("any")), ["prod/shop/key 1", "prod/shop/other 1"]);
    // What had failed before has failed.
    assert.deepEqual(failures(new InterruptedError()), ["prod/shop/other 1"]);
    assert.deepEqual(failures(new StackLockedError("held")), ["prod/shop/other 1"]);
  });
});
