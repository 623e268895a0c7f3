import { randomUUID } from "node:crypto";
import type { Ports } from "../ports";
import type { RunResult, SecretResult } from "../result";

/** A run that rotates nothing itself: a backup, a record, a migration. */
export interface StartedRun {
  readonly runId: string;
  readonly started: Date;
  /** Its result as it stands now. @param backup  key of what it has written */
  result(secrets: readonly SecretResult[], backup?: string): RunResult;
}

export function startRun(stack: string, { clock }: Pick<Ports, "clock">): StartedRun {
  const [runId, started] = [randomUUID(), clock.now()];
  return {
    runId,
    started,
    result: (secrets, backup) => ({
      runId,
      stack,
      startedAt: started.toISOString(),
      seconds: (clock.now().getTime() - started.getTime()) / 1000,
      policySeconds: undefined,
      backup,
      secrets,
    }),
  };
}
