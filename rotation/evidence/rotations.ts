import type { AuditRecord } from "../audit/record";
import { renewals } from "../result";

/** One run, for one of its secrets. */
export interface RotationRow {
  readonly secret: string;
  readonly startedAt: string;
  readonly endedAt: string | undefined;
  readonly command: AuditRecord["command"];
  readonly emergency: boolean;
  /** Of the secret: `rotated`, `failed`, …; of a run that did not come to it, the run's own. */
  readonly result: string;
  readonly oldVersionId: string | undefined;
  readonly newVersionId: string | undefined;
  readonly strategy: string;
  /** Of a migration: the strategy before. */
  readonly fromStrategy: string | undefined;
  /** Who: the name, what that is (`github-actions`, `aws`, `os`), and the ARN that AWS said. */
  readonly actor: string;
  readonly actorKind: string;
  readonly awsIdentity: string | undefined;
  readonly runUrl: string | undefined;
  /** Why: what started it, and what was said as the reason. */
  readonly trigger: string;
  readonly reason: string | undefined;
  readonly errorStep: string | undefined;
  readonly errorCode: string | undefined;
  readonly error: string | undefined;
  /** Proof that the credential before is refused, where the run has one: when, of which version, and who refused it. */
  readonly refusedAt: string | undefined;
  readonly refusedVersionId: string | undefined;
  readonly refused: string | undefined;
  /** Key of the object with the replaced values, encrypted. */
  readonly backup: string | undefined;
  readonly runId: string;
}

export function didRotate({ result }: RotationRow): boolean {
  return renewals.includes(result);
}

export function rotationsOf(runs: readonly AuditRecord[]): RotationRow[] {
  return runs.flatMap((run) => run.secrets.map((secret) => rowOf(run, secret)));
}

function rowOf(run: AuditRecord, secret: AuditRecord["secrets"][number]): RotationRow {
  const { actor, error, refused } = { ...run, ...secret };
  const isEnded = run.state === "ended";
  return {
    secret: secret.name,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    command: run.command,
    // A run that goes on with an interrupted emergency of one secret may rotate others as usual.
    emergency: secret.emergency ?? (!isEnded && run.emergency),
    result: isEnded ? (secret.outcome ?? run.result ?? "unknown") : "started, not ended",
    oldVersionId: secret.oldVersionId,
    newVersionId: secret.newVersionId,
    strategy: secret.strategy,
    fromStrategy: secret.fromStrategy,
    actor: actor.name,
    actorKind: actor.kind,
    awsIdentity: actor.awsIdentity,
    runUrl: actor.runUrl,
    trigger: run.trigger,
    reason: run.reason,
    errorStep: secret.error?.step,
    errorCode: secret.error?.code,
    error: secret.error?.message ?? (secret.outcome === undefined ? error?.message : undefined),
    refusedAt: refused?.at,
    refusedVersionId: refused?.versionId,
    refused: refused?.what,
    backup: run.backup,
    runId: run.runId,
  };
}
