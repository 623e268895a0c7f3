import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRecord, recordOf } from "../../../rotation/audit/record";
import { AuditError, RotationError, StackLockedError, UsageError } from "../../../rotation/errors";
import { InterruptedError } from "../../../rotation/interruption";
import { PolicyError } from "../../../rotation/policyError";
import type { SecretResult } from "../../../rotation/result";
import { steps } from "../../../rotation/steps";
import { runContext, runResult, secretResult } from "./samples";

const at = new Date("2026-01-01T00:00:12Z");
const failure = new RotationError("NOT_SYNCED", { secret: "shop/key", step: "sync" }, "waited for 5 s", { hint: "h" });

describe("the record of a run", () => {
  it("at the start says who is about to do what to which secrets", () => {
    const nothing = { oldVersionId: undefined, newVersionId: undefined, seconds: {} };
    const run = runResult({ secrets: [secretResult({ ...nothing, outcome: "failed" })] });
    assert.deepEqual(recordOf({ ...runContext, reason: "leaked" }, run), {
      schemaVersion: 1,
      state: "started",
      runId: run.runId,
      stack: "dev",
      environment: "dev",
      startedAt: run.startedAt,
      actor: runContext.actor,
      trigger: "manual",
      reason: "leaked",
      command: "rotate",
      emergency: false,
      secrets: [{ name: "shop/key", strategy: "simple", seconds: {} }],
    });
  });

  it("at the end says what became of each secret", () => {
    const failed = secretResult({ secret: "shop/other", outcome: "failed", newVersionId: undefined, error: failure });
    const record = recordOf(runContext, runResult({ secrets: [secretResult(), failed] }), { at, error: undefined });
    assert.deepEqual([record.state, record.endedAt, record.result], ["ended", at.toISOString(), "failed"]);
    assert.deepEqual(record.secrets, [
      {
        name: "shop/key",
        strategy: "simple",
        outcome: "rotated",
        oldVersionId: "00000000-old",
        newVersionId: "00000000-new",
        seconds: { check: 0.123, create: 1 },
      },
      {
        name: "shop/other",
        strategy: "simple",
        outcome: "failed",
        oldVersionId: "00000000-old",
        seconds: { check: 0.123, create: 1 },
        error: { code: "NOT_SYNCED", step: "sync", message: "shop/key: sync: waited for 5 s", hint: "h" },
      },
    ]);
  });

  it("names the backup that was restored, and the one of what it replaced", () => {
    const run = { ...runResult(), backup: "secret-backups/dev/2" };
    const record = recordOf({ ...runContext, command: "restore", restoredFrom: "secret-backups/dev/1" }, run);
    assert.deepEqual([record.restoredFrom, record.backup], ["secret-backups/dev/1", "secret-backups/dev/2"]);
    assert.deepEqual(parseRecord(JSON.stringify(record)), record);
  });

  it("says of an emergency that it was one, also where an interrupted one was gone on with unasked", () => {
    const asked = recordOf({ ...runContext, emergency: true }, runResult());
    assert.deepEqual([asked.emergency, asked.secrets[0]?.emergency], [true, undefined]);
    const run = runResult({ secrets: [secretResult(), secretResult({ emergency: true })] });
    const unasked = recordOf(runContext, run, { at, error: undefined });
    assert.deepEqual([unasked.emergency, unasked.secrets.map((secret) => secret.emergency)], [true, [undefined, true]]);
  });

  it("names the backup of what it replaces", () => {
    assert.equal(recordOf(runContext, runResult({ backup: "secret-backups/dev/x" })).backup, "secret-backups/dev/x");
  });

  const violation = { policy: "secret-max-age", level: "mandatory", secret: "shop/key", message: "too old" } as const;
  const ends = [
    [undefined, "ok"],
    [new InterruptedError(), "interrupted"],
    [new PolicyError([violation, { ...violation, level: "advisory" }]), "policy violation"],
    [new StackLockedError("held"), "locked"],
    [new UsageError("no such stack"), "failed"],
    [new AuditError("cannot be written"), "failed"],
  ] as const;
  for (const [error, result] of ends) {
    it(`that ends by ${error?.name ?? "itself"}: ${result}`, () => {
      const record = recordOf(runContext, runResult(), { at, error });
      assert.equal(record.result, result);
      assert.deepEqual(record.error, error && { name: error.name, message: error.message });
      // A secret of a run that was cut short is not called rotated.
      assert.equal(record.secrets[0]?.outcome, error ? undefined : "rotated");
      const violations = error instanceof PolicyError ? [{ policy: "secret-max-age", secret: "shop/key" }] : undefined;
      assert.deepEqual(record.violations, violations);
    });
  }

  it("names an unexpected error, and leaves out what it says: a parser's error quotes the text", () => {
    const error = new SyntaxError(`Unexpected token 'c', "canary" is not valid JSON`);
    const record = recordOf(runContext, runResult(), { at, error });
    assert.deepEqual([record.result, record.error], ["failed", { name: "SyntaxError" }]);
  });

  it("cuts a message short that is an engine's whole output", () => {
    const error = new RotationError("UPDATE_FAILED", { secret: "k", step: "create" }, "x".repeat(1e6));
    const record = recordOf(runContext, runResult({ secrets: [secretResult({ error })] }), { at, error: undefined });
    assert.ok(JSON.stringify(record).length < 4000);
  });

  it("never has a value: nothing comes in but the typed fields, whatever hangs on a result or an error", () => {
    const canary = fc.string({ minLength: 12 }).map((text) => `canary-${text}`);
    const texts = fc.record({ id: fc.uuid(), seconds: fc.double({ min: 0, max: 1e4, noNaN: true }) });
    const step = fc.constantFrom(...steps);
    fc.assert(
      fc.property(canary, texts, step, fc.boolean(), fc.boolean(), (value, { id, seconds }, step, fails, cut) => {
        const hangsOn = { value, newValue: value, context: { SecretString: value }, [value]: value };
        const cause = Object.assign(new Error(value), hangsOn);
        const error = new RotationError("SECRET_MALFORMED", { secret: "shop/key", step }, "no JSON", { cause });
        const secret: SecretResult = {
          ...secretResult({ newVersionId: id, seconds: { [step]: seconds }, error: fails ? error : undefined }),
          ...hangsOn,
        };
        Object.assign(error, hangsOn);
        const run = { ...runResult({ runId: id, secrets: [secret] }), ...hangsOn };
        const thrown = Object.assign(new TypeError(value, { cause }), hangsOn);
        const context = { ...runContext, ...hangsOn };
        for (const end of [undefined, { at, error: cut ? thrown : undefined }]) {
          const record = recordOf(context, run, end);
          const json = JSON.stringify(record);
          // As it is, and as JSON writes it.
          for (const form of [value, JSON.stringify(value).slice(1, -1)]) assert.ok(!json.includes(form), json);
          // And it is no empty record that passes.
          assert.equal(record.secrets[0]?.newVersionId, id);
          assert.deepEqual(parseRecord(json), record);
        }
      }),
    );
  });

  it("is none in a text of something else", () => {
    for (const text of ["", "{", "null", '{"schemaVersion":1}']) assert.equal(parseRecord(text), undefined);
    const record = recordOf(runContext, runResult());
    assert.equal(parseRecord(JSON.stringify({ ...record, schemaVersion: 2 })), undefined);
  });
});
