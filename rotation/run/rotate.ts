import { randomUUID } from "node:crypto";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { pathUrns } from "../../infra/urns";
import { remoteRunsOf } from "../audit/engineNotes";
import { audited } from "../audit/runAudit";
import { writeBackup } from "../backup/writeBackup";
import type { RotationError } from "../errors";
import type { Findings } from "../findings";
import { Run } from "../gates/run";
import { noticed } from "../notify/notices";
import { isRotatable } from "../plan/found";
import { planAll } from "../plan/planAll";
import { replacedBy } from "../plan/replacedBy";
import { PolicyGate } from "../policy/policyGate";
import type { Outcome, RunResult, SecretResult } from "../result";
import { mend } from "../stack/mend";
import type { RecordedStack } from "../stack/recordedStack";
import { Endings } from "./endings";
import type { RotateRequest } from "./request";
import { rotateVersions } from "./rotateVersions";
import { settle } from "./settle";
import { Stopwatch } from "./stopwatch";
import type { Updating } from "./updating";

/** What is known of a run at the moment. */
interface Progress {
  readonly runId: string;
  readonly started: Date;
  readonly observer: Stopwatch;
  run: Run;
  refused: ReadonlyMap<string, RotationError>;
  unchanged: ReadonlySet<string>;
  findings: ReadonlyMap<string, Findings>;
  policySeconds: number | undefined;
  backup: string | undefined;
}

/**
 * Rotates these secrets: one targeted update for all of them, then the settling update, which overwrites what the first
 * left of the values in the state and stamps those that went through all gates.
 *
 * @returns a result per secret; one's failure is in its result and stops no other
 * @throws {PolicyError} a mandatory policy is violated, {BackupError} the values to be replaced cannot be backed up,
 *   {StackLockedError} another update holds the stack, {AuditError} the run cannot be put on record, {UsageError} the AWS
 *   credentials end before it would; nothing was touched then
 */
export async function rotate(request: RotateRequest): Promise<RunResult> {
  const { open, ports } = request;
  const progress: Progress = {
    runId: randomUUID(),
    started: ports.clock.now(),
    observer: new Stopwatch(request.observer),
    run: new Run([]),
    refused: new Map(),
    unchanged: new Set(),
    findings: new Map(),
    policySeconds: undefined,
    backup: undefined,
  };
  const recording = request.recorded ? Promise.resolve(request.recorded) : open.recorded();
  recording.catch(() => undefined);
  // Their libraries take some tenths of a second to load: while the CLI exports the state.
  void ports.secretsManager;
  if (request.secrets.some(({ externalSecret }) => externalSecret)) void ports.kubernetes;
  if (open.config.backup) void [ports.s3, ports.kms];
  if (open.config.alarms) void ports.cloudWatch;
  const { audit, notices } = request.secrets.length > 0 ? request : {};
  const soFar = () => runResult(request, progress);
  const work = async () => rotateAll(request, progress, await recording);
  const aside = async (run: RunResult, error?: unknown) => (await request.metrics?.ended(run, error)) ?? [];
  return noticed(notices, soFar, () => audited(audit, soFar, work, aside));
}

async function rotateAll(request: RotateRequest, progress: Progress, recorded: RecordedStack): Promise<void> {
  const { ports, interruption } = request;
  const open = { ...request.open, remote: remoteRunsOf(request.open, ports) };
  const { runId, observer } = progress;
  const now = progress.started.toISOString();
  await mend(open, recorded);
  // Beside the checks, which take as long.
  const policies = new PolicyGate({ ...request, open, recorded, now });
  policies.begin(request.secrets.filter(isRotatable(open.config)), request.emergency ?? false);
  const planned = await planAll(request, recorded, observer).catch(async (error: unknown) => {
    await policies.end();
    throw error;
  });
  const { plans, refused, unchanged, findings, stop } = planned;
  const run = new Run(plans, ({ secret, reloaded }) => pathUrns(open.config.stack, secret, reloaded));
  Object.assign(progress, { run, refused, unchanged, findings });
  if (stop || plans.length === 0) await policies.end();
  if (stop) throw stop;
  if (plans.length === 0) return;
  progress.policySeconds = await policies.judge(plans);
  interruption.throwIfAsked();
  progress.backup = await writeBackup(open.config, ports, runId, replacedBy(plans));
  const { lockTimeoutSeconds, parallel, atOnce, versionsFirst } = request;
  const endings = new Endings(run, runId, observer, interruption);
  const constant = { open, ports, run, runId, observer, interruption, recorded, now };
  const updating: Updating = { ...constant, lockTimeoutSeconds, endings, parallel, atOnce, versionsFirst };
  await rotateVersions(updating);
  await endings.all();
  await settle(updating);
}

function runResult({ open, ports, secrets }: RotateRequest, progress: Progress): RunResult {
  const { runId, started, unchanged, policySeconds, backup } = progress;
  return {
    runId,
    stack: open.config.stack,
    startedAt: started.toISOString(),
    seconds: (ports.clock.now().getTime() - started.getTime()) / 1000,
    policySeconds,
    backup,
    secrets: secrets.map((secret) => {
      const result = resultOf(secret, progress);
      return unchanged.has(secret.name) ? { ...result, outcome: "unchanged" } : result;
    }),
  };
}

const outcomes = {
  new: "rotated",
  resume: "resumed",
  rollback: "rolled back",
  restore: "restored",
  prepare: "prepared",
  retire: "retired",
  follow: "followed",
} as const satisfies Record<string, Outcome>;

function resultOf(
  secret: SecretDeclaration,
  { run, refused, findings, observer }: Pick<Progress, "run" | "refused" | "findings" | "observer">,
): SecretResult {
  const entry = run.entries.get(secret.name);
  const error = entry?.error ?? refused.get(secret.name);
  return {
    secret: secret.name,
    strategy: secret.strategy,
    emergency: entry?.plan.context.emergency ?? false,
    outcome: error || !entry ? "failed" : outcomes[entry.plan.mode],
    oldVersionId: entry?.plan.oldVersionId,
    newVersionId: entry?.versionId,
    seconds: observer.seconds(secret.name),
    starts: observer.starts(secret.name),
    ...(entry?.refused && { refused: entry.refused }),
    error,
    warnings: findings.get(secret.name)?.warnings ?? [],
  };
}
