import { randomUUID } from "node:crypto";
import type { SecretDeclaration } from "../infra/config/secretSchema";
import { audited, type RunAudit } from "./audit/runAudit";
import { describeError, RotationError } from "./errors";
import { verified } from "./gates/verified";
import type { Interruption } from "./interruption";
import { type Observer, observed } from "./observer";
import { find, type PlannedSecret, planRotation } from "./plan";
import { planRollback } from "./planRollback";
import type { PolicyPack } from "./policy/packConfig";
import { isMandatory, PolicyError } from "./policy/policyError";
import type { Ports } from "./ports";
import { type Previewing, previewRotation } from "./previewRotation";
import type { Outcome, RunResult, SecretResult } from "./result";
import { rotateVersions, type Updating } from "./rotateVersions";
import { type Entry, Run, Stopwatch } from "./run";
import { settle } from "./settle";
import type { OpenStack } from "./stack/openStack";
import { knownIn, type RecordedStack } from "./stack/recordedStack";

export interface RotateRequest {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly secrets: readonly SecretDeclaration[];
  readonly observer: Observer;
  readonly interruption: Interruption;
  /** Go back to an older version (undefined: the one before) in place of making a new value. */
  readonly rollback?: { readonly to: string | undefined };
  /** What a rotation has to satisfy before anything is touched; undefined: nothing. */
  readonly pack: PolicyPack | undefined;
  /** Puts the run on record; undefined: nothing does. */
  readonly audit?: RunAudit | undefined;
}

/** What is known of a run at the moment. */
interface Progress {
  readonly runId: string;
  readonly started: Date;
  readonly observer: Stopwatch;
  run: Run;
  refused: ReadonlyMap<string, RotationError>;
  policySeconds: number | undefined;
}

/**
 * Rotates these secrets: one targeted update for all of them, then the settling update, which overwrites what the first
 * left of the values in the state and stamps those that went through all gates.
 *
 * @returns a result per secret; one's failure is in its result and stops no other
 * @throws {PolicyError} a mandatory policy is violated, {StackLockedError} another update holds the stack, {AuditError} the
 *   run cannot be put on record; nothing was touched then
 */
export async function rotate(request: RotateRequest): Promise<RunResult> {
  const { open, ports } = request;
  const progress: Progress = {
    runId: randomUUID(),
    started: ports.clock.now(),
    observer: new Stopwatch(request.observer),
    run: new Run([]),
    refused: new Map(),
    policySeconds: undefined,
  };
  const recording = open.recorded();
  recording.catch(() => undefined);
  // Its library takes a third of a second to load: while the CLI exports the state.
  void ports.kubernetes;
  // Planning may repair something already: the run is on record before.
  return audited(
    request.secrets.length > 0 ? request.audit : undefined,
    () => runResult(request, progress),
    async () => rotateAll(request, progress, await recording),
  );
}

async function rotateAll(request: RotateRequest, progress: Progress, recorded: RecordedStack): Promise<void> {
  const { open, ports, interruption } = request;
  const { runId, observer } = progress;
  const now = progress.started.toISOString();
  const { plans, refused } = await planAll(request, recorded, observer);
  const run = new Run(plans);
  Object.assign(progress, { run, refused });
  if (plans.length === 0) return;
  progress.policySeconds = await policyGate(plans, { ...request, recorded, now });
  const updating: Updating = { open, run, runId, observer, interruption, known: knownIn(recorded), now };
  await rotateVersions(updating, await newValues(plans));
  await verifyAll(run, observer);
  await settle(updating, ports);
}

function runResult({ open, ports, secrets }: RotateRequest, progress: Progress): RunResult {
  const { runId, started, observer, run, refused, policySeconds } = progress;
  return {
    runId,
    stack: open.config.stack,
    startedAt: started.toISOString(),
    seconds: (ports.clock.now().getTime() - started.getTime()) / 1000,
    policySeconds,
    secrets: secrets.map((secret) =>
      resultOf(secret, run.entries.get(secret.name), refused.get(secret.name), observer),
    ),
  };
}

/** Plans every secret side by side; those that are refused are not touched by this run. */
export async function planAll(
  { open, ports, secrets, rollback }: Omit<RotateRequest, "observer">,
  recorded: RecordedStack,
  observer: Observer,
) {
  const plans: PlannedSecret[] = [];
  const refused = new Map<string, RotationError>();
  await Promise.all(
    secrets.map(async (secret) => {
      const { name } = secret;
      try {
        plans.push(
          await observed(observer, name, "check", async () => {
            const found = await find(secret, open.config, recorded.get(name), ports);
            return rollback ? planRollback(found, rollback.to) : planRotation(found);
          }),
        );
      } catch (error) {
        refused.set(name, asRotationError(error, name, "check"));
      }
    }),
  );
  return { plans, refused };
}

/**
 * The age of what this run rotates counts as cured; every other mandatory policy stops it.
 *
 * @returns the seconds that it took; undefined: there is no pack
 */
async function policyGate(plans: readonly PlannedSecret[], previewing: Previewing): Promise<number | undefined> {
  if (previewing.pack === undefined) return undefined;
  const start = performance.now();
  const { violations } = await previewRotation(plans, previewing);
  if (violations.some(isMandatory)) throw new PolicyError(violations);
  return (performance.now() - start) / 1000;
}

/** Made last, so that they exist for as short as can be. */
async function newValues(plans: readonly PlannedSecret[]): Promise<ReadonlyMap<string, string>> {
  const made = plans.map(async ({ context, newValue }) => [context.secret.name, await newValue?.()] as const);
  return new Map((await Promise.all(made)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function verifyAll(run: Run, observer: Observer): Promise<void> {
  await Promise.all(
    run.alive().map(async ({ plan, versionId }) => {
      const { name } = plan.context.secret;
      try {
        await observed(observer, name, "verify", () => verified(plan, versionId ?? ""));
      } catch (error) {
        run.fail(name, asRotationError(error, name, "verify"));
      }
    }),
  );
}

const outcomes = { new: "rotated", resume: "resumed", rollback: "rolled back" } as const satisfies Record<
  string,
  Outcome
>;

function resultOf(
  secret: SecretDeclaration,
  entry: Entry | undefined,
  refused: RotationError | undefined,
  times: Stopwatch,
): SecretResult {
  const error = entry?.error ?? refused;
  return {
    secret: secret.name,
    strategy: secret.strategy,
    outcome: error || !entry ? "failed" : outcomes[entry.plan.mode],
    oldVersionId: entry?.plan.oldVersionId,
    newVersionId: entry?.versionId,
    seconds: times.seconds(secret.name),
    error,
  };
}

function asRotationError(error: unknown, secret: string, step: "check" | "verify"): RotationError {
  if (error instanceof RotationError) return error;
  return new RotationError("AWS_FAILED", { secret, step }, describeError(error), { retryable: true, cause: error });
}
