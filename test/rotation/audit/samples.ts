import type { RunContext } from "../../../rotation/audit/record";
import type { RunResult, SecretResult } from "../../../rotation/result";

export const runContext: RunContext = {
  environment: "dev",
  actor: { kind: "os", name: "root@build-7" },
  trigger: "manual",
  reason: undefined,
  command: "rotate",
  emergency: false,
};

export function secretResult(more: Partial<SecretResult> = {}): SecretResult {
  return {
    secret: "shop/key",
    strategy: "simple",
    emergency: false,
    outcome: "rotated",
    oldVersionId: "00000000-old",
    newVersionId: "00000000-new",
    seconds: { check: 0.12345, create: 1 },
    error: undefined,
    warnings: [],
    ...more,
  };
}

export function runResult(more: Partial<RunResult> = {}): RunResult {
  return {
    runId: "b04f19bb-cbc4-4b8f-85a5-165bce66d02d",
    stack: "dev",
    startedAt: "2026-01-01T00:00:00.000Z",
    seconds: 11.5,
    policySeconds: undefined,
    backup: undefined,
    secrets: [secretResult()],
    ...more,
  };
}
