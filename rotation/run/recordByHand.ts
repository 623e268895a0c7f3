import type { SecretDeclaration } from "../../infra/config/secretSchema";
import { fullName, placeholder, tags } from "../../infra/names";
import { noRotation } from "../../infra/rotation";
import type { SettledSecret } from "../../infra/stamp";
import { secretUrn } from "../../infra/urns";
import { audited, type RunAudit } from "../audit/runAudit";
import { describeError, RotationError, UsageError, withHint } from "../errors";
import type { Interruption } from "../interruption";
import { isInterrupted, isRotatable } from "../plan/found";
import type { Ports } from "../ports";
import { versionWith } from "../ports/secretsManager";
import type { RunResult, SecretResult } from "../result";
import { mend } from "../stack/mend";
import type { OpenStack } from "../stack/openStack";
import { partOf } from "../stack/partOf";
import { knownIn } from "../stack/recordedStack";
import { update } from "../stack/update";
import { startRun } from "./startedRun";

export interface RecordRequest {
  readonly open: OpenStack;
  readonly ports: Ports;
  readonly secret: SecretDeclaration;
  /** The credential lies elsewhere, and the version in Secrets Manager need not have changed. */
  readonly elsewhere: boolean;
  /** Undefined: the stack declares no audit trail. */
  readonly audit: RunAudit | undefined;
  readonly interruption: Interruption;
}

/**
 * Notes that somebody has rotated a secret by hand: stamps its tags as the settling update of a rotation does, under the stack's
 * lock, and puts it on record. Reads no value but to see that there is one, and writes none.
 *
 * @throws {UsageError} when there is nothing to record: no new version, none at all, or a rotation that is under way
 * @throws {StackLockedError} when another update holds the stack; nothing was touched then
 */
export async function recordByHand(request: RecordRequest): Promise<RunResult> {
  const { open, ports, secret } = request;
  const run = startRun(open.config.stack, ports);
  const found = await changed(request);
  const result: { -readonly [key in keyof SecretResult]: SecretResult[key] } = {
    ...{ secret: secret.name, strategy: secret.strategy, emergency: false, outcome: "recorded" },
    ...{ oldVersionId: found.before, newVersionId: found.versionId, seconds: {}, error: undefined },
    warnings: warningsOf(secret),
  };
  const soFar = () => run.result([result]);
  return audited(request.audit, soFar, async () => {
    const error = await stamp(request, {
      rotatedAt: (found.writtenAt ?? run.started).toISOString(),
      rotatedVersion: found.versionId ?? "none",
      rotatedBy: run.runId,
    });
    if (error === undefined) return;
    const more = { retryable: true, hint: "run the same command again", cause: error };
    const at = { secret: secret.name, step: "settle" } as const;
    result.outcome = "failed";
    result.error = new RotationError("UPDATE_FAILED", at, `not recorded: ${describeError(error)}`, more);
  });
}

interface Changed {
  /** Of AWSCURRENT; undefined: it has no version, the credential lies elsewhere. */
  readonly versionId: string | undefined;
  /** Undefined: not in Secrets Manager, or not known. */
  readonly writtenAt: Date | undefined;
  /** What was recorded last. */
  readonly before: string | undefined;
}

async function changed({ open, ports, secret, elsewhere }: RecordRequest): Promise<Changed> {
  const { config } = open;
  const { name } = secret;
  const refuse = (what: string, hint: string) =>
    new UsageError(withHint(`${name}: ${what}; nothing was recorded`, hint));
  const full = fullName(config.environment, name);
  const live = await ports.secretsManager.describe(full);
  const provision = `run pulumi up --stack ${config.named} first`;
  if (!live) throw refuse("the stack has not provisioned it yet", provision);
  if (live.deletedAt) {
    const hint = `aws secretsmanager restore-secret --secret-id ${full}`;
    throw refuse(`it is scheduled for deletion (${live.deletedAt.toISOString()})`, hint);
  }
  const [current, pending] = [versionWith("AWSCURRENT", live), versionWith("AWSPENDING", live)];
  if (isRotatable(config)(secret) && pending !== undefined && isInterrupted(pending, live)) {
    const hint = `npm run rotate -- ${name} --stack ${config.named} finishes it, or npm run rotation -- rollback ${name} --stack ${config.named} undoes it`;
    throw refuse("a rotation of it is under way", hint);
  }
  const before = live.tags[tags.rotatedVersion];
  if (elsewhere) return { versionId: current, writtenAt: undefined, before };
  const put = `put the new value first (aws secretsmanager put-secret-value --secret-id ${full}); where the credential lies elsewhere, say --elsewhere`;
  const isEmpty = current !== undefined && (await ports.secretsManager.value(full, current)) === placeholder;
  if (current === undefined || isEmpty) throw refuse("it has no value", put);
  if (current === before) {
    const rotatedAt = live.tags[tags.rotatedAt];
    throw refuse(
      `its current version ${current} is what was recorded last${rotatedAt ? `, as of ${rotatedAt}` : ""}`,
      put,
    );
  }
  return { versionId: current, writtenAt: await ports.secretsManager.createdAt(full, current), before };
}

function warningsOf({ consumers, awsConsumers, externalSecret }: SecretDeclaration): string[] {
  if (consumers.length + awsConsumers.length > 0)
    return ["no consumer was restarted for it, nor seen to run with the new value"];
  return externalSecret ? ["whether Kubernetes holds the new value was not looked at"] : [];
}

/** @returns the engine's error; undefined: the tags are stamped, in AWS and in the state */
async function stamp({ open, ports, secret, interruption }: RecordRequest, settled: SettledSecret): Promise<unknown> {
  const names = new Set([secret.name]);
  const recorded = await open.recorded();
  await mend(open, recorded);
  const rotation = {
    ...noRotation(ports.clock.now().toISOString()),
    settled: new Map([[secret.name, settled]]),
    known: knownIn(recorded),
    part: partOf(open.config, recorded, names),
  };
  let failed: string | undefined;
  const error = await update(open, rotation, {
    targets: [secretUrn(open.config.stack, secret.name)],
    message: `record ${settled.rotatedBy}`,
    onResource: ({ phase, message }) => {
      if (phase === "failed") failed ??= message;
    },
    interruption,
    savedOnce: true,
  });
  return error === undefined ? undefined : (failed ?? error);
}
