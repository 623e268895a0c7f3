import { z } from "zod";
import { AuditError, BackupError, RotationError, StackLockedError, UsageError } from "../errors";
import { InterruptedError } from "../interruption";
import { isMandatory, PolicyError } from "../policyError";
import type { Refusal } from "../refusal";
import type { RunResult, SecretResult } from "../result";

/** `locked`: another update held the stack. Nothing was touched then, nor by a violation of a policy. */
const results = ["ok", "failed", "interrupted", "policy violation", "locked"] as const;

const secretSchema = z.object({
  name: z.string(),
  strategy: z.string(),
  /** Of a migration: the strategy before. */
  fromStrategy: z.string().optional(),
  /** Undefined: the run ended before it was known. */
  outcome: z.string().optional(),
  /** Everything older was retired too. */
  emergency: z.boolean().optional(),
  oldVersionId: z.string().optional(),
  newVersionId: z.string().optional(),
  /** Seconds by step, of those that were begun. */
  seconds: z.record(z.string(), z.number()),
  /** By step, when it first began: seconds from startedAt. */
  starts: z.record(z.string(), z.number()).optional(),
  /** What an emergency has proven to be refused. */
  refused: z.object({ at: z.string(), versionId: z.string().optional(), what: z.string() }).optional(),
  error: z
    .object({
      code: z.string(),
      step: z.string(),
      message: z.string(),
      /** What to do about it. */
      hint: z.string().optional(),
    })
    .optional(),
});

/**
 * What the audit trail keeps of a run: once before anything is touched (state `started`), once at its end. A run that was
 * killed has no second record. schemaVersion changes when a property changes its meaning.
 */
export const recordSchema = z.object({
  schemaVersion: z.literal(1),
  state: z.enum(["started", "ended"]),
  /** Also the Secret's tag rotated-by. */
  runId: z.string(),
  stack: z.string(),
  environment: z.string(),
  /** ISO 8601, UTC; so is endedAt. */
  startedAt: z.string(),
  endedAt: z.string().optional(),
  actor: z.object({
    kind: z.enum(["github-actions", "aws", "os"]),
    name: z.string(),
    workflow: z.string().optional(),
    runUrl: z.string().optional(),
    /** ARN of whom AWS took the run's calls to come from. */
    awsIdentity: z.string().optional(),
  }),
  trigger: z.string(),
  reason: z.string().optional(),
  command: z.enum(["rotate", "rollback", "restore", "backup", "record", "migrate"]),
  /** One was asked for, or an interrupted one was gone on with. */
  emergency: z.boolean(),
  /** Key of the backup whose values were asked for. */
  restoredFrom: z.string().optional(),
  result: z.enum(results).optional(),
  /** Why the run as a whole ended early. */
  error: z.object({ name: z.string(), message: z.string().optional() }).optional(),
  /** Key of the object that has the replaced values, encrypted. */
  backup: z.string().optional(),
  violations: z.array(z.object({ policy: z.string(), secret: z.string().optional() })).optional(),
  secrets: z.array(secretSchema),
});
export type AuditRecord = z.output<typeof recordSchema>;

/** What a command says of the run that it starts. */
export type RunIntent = Pick<AuditRecord, "command" | "emergency" | "restoredFrom"> & {
  readonly reason: string | undefined;
};
/** What a run knows of itself besides its result. */
export type RunContext = Pick<AuditRecord, "environment" | "actor" | "trigger"> & RunIntent;

/**
 * The record of a run, property by property from its typed fields: nothing else that hangs on a result or on an error, its
 * cause say, can come in.
 *
 * @param ended  undefined: the run is about to start
 */
export function recordOf(
  { environment, actor, trigger, reason, command, emergency, restoredFrom }: RunContext,
  run: RunResult,
  ended?: { readonly at: Date; readonly error: unknown },
): AuditRecord {
  return {
    schemaVersion: 1,
    state: ended ? "ended" : "started",
    runId: run.runId,
    stack: run.stack,
    environment,
    startedAt: run.startedAt,
    ...(ended && { endedAt: ended.at.toISOString() }),
    actor,
    trigger,
    ...(reason !== undefined && { reason }),
    command,
    emergency: emergency || run.secrets.some((secret) => secret.emergency),
    ...(restoredFrom !== undefined && { restoredFrom }),
    ...(ended && { result: resultOf(run, ended.error), ...endOf(ended.error) }),
    ...(run.backup !== undefined && { backup: run.backup }),
    secrets: run.secrets.map((secret) => secretRecord(secret, ended !== undefined && ended.error === undefined)),
  };
}

function resultOf(run: RunResult, error: unknown): (typeof results)[number] {
  if (error instanceof InterruptedError) return "interrupted";
  if (error instanceof PolicyError) return "policy violation";
  if (error instanceof StackLockedError) return "locked";
  return error !== undefined || run.secrets.some((secret) => secret.error) ? "failed" : "ok";
}

/** Errors whose texts this project writes; what another one's message quotes is not known. */
const ours = [AuditError, BackupError, InterruptedError, PolicyError, StackLockedError, UsageError, RotationError];

function endOf(error: unknown): Pick<AuditRecord, "error" | "violations"> {
  if (error === undefined) return {};
  const name = error instanceof Error ? error.name : typeof error;
  const message = ours.some((known) => error instanceof known) ? shortened((error as Error).message) : undefined;
  const violations = error instanceof PolicyError ? error.violations.filter(isMandatory) : undefined;
  return {
    error: { name, ...(message !== undefined && { message }) },
    ...(violations && {
      violations: violations.map(({ policy, secret }) => ({ policy, ...(secret !== undefined && { secret }) })),
    }),
  };
}

/** @param complete  the run came to its end: without that, a secret that has not failed has no outcome yet */
function secretRecord(result: SecretResult, complete: boolean): AuditRecord["secrets"][number] {
  const { secret, strategy, fromStrategy, emergency, outcome, oldVersionId, newVersionId } = result;
  const { seconds, starts, refused, error } = result;
  return {
    name: secret,
    strategy,
    ...(fromStrategy !== undefined && { fromStrategy }),
    ...((complete || error) && { outcome }),
    ...(emergency && { emergency }),
    ...(oldVersionId !== undefined && { oldVersionId }),
    ...(newVersionId !== undefined && { newVersionId }),
    seconds: inMilliseconds(seconds),
    ...(starts && Object.keys(starts).length > 0 && { starts: inMilliseconds(starts) }),
    ...(refused && { refused: refusalRecord(refused) }),
    ...(error && { error: errorRecord(error) }),
  };
}

function refusalRecord({ at, versionId, what }: Refusal): NonNullable<AuditRecord["secrets"][number]["refused"]> {
  return { at, ...(versionId !== undefined && { versionId }), what };
}

function errorRecord(error: RotationError): NonNullable<AuditRecord["secrets"][number]["error"]> {
  const { code, step, hint } = error;
  return { code, step, message: shortened(error.message), ...(hint !== undefined && { hint: shortened(hint) }) };
}

function inMilliseconds(times: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([step, s = 0]) => [step, Math.round(s * 1000) / 1000]));
}

/** An engine's error may be as long as its output, and an event of CloudWatch Logs may not. */
export function shortened(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text;
}

/** The record in a text; undefined: it is none, or one of another version. */
export function parseRecord(text: string): AuditRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
