import type { SecretDeclaration } from "../infra/config/secretSchema";
import type { StackConfig } from "../infra/config/stackConfig";
import { emergencyStage, fullName, tags } from "../infra/names";
import type { RotatingSecret } from "../infra/rotation";
import { RotationError } from "./errors";
import type { Ports } from "./ports";
import { type SecretDescription, versionWith } from "./ports/secretsManager";
import type { RecordedSecret } from "./stack/recordedStack";
import { strategyOf } from "./strategies";
import { failure, type RotationStrategy, type StrategyContext } from "./strategies/strategy";

/** What one run does to one secret. */
export interface PlannedSecret {
  readonly context: StrategyContext;
  readonly strategy: RotationStrategy;
  /** `resume`: an interrupted rotation is finished first, with the value it had. */
  readonly mode: "new" | "resume" | "rollback" | "restore";
  /** Makes the value to write; undefined: it is written already. */
  readonly newValue: (() => Promise<string>) | undefined;
  /** The counter that the update passes to the program. */
  readonly counter: number;
  /** Version id that carries AWSCURRENT before the run. */
  readonly oldVersionId: string | undefined;
  /** Version id of a resumed rotation; a new one gets its id when it is written. */
  readonly newVersionId: string | undefined;
}

/** What is known of a secret before its rotation, and how it is rotated. */
export interface Found {
  readonly context: StrategyContext;
  readonly strategy: RotationStrategy;
  readonly live: SecretDescription;
  readonly recorded: RecordedSecret;
}

/**
 * Finds out what a rotation of this secret has to do, from the stack's state and the staging labels, and refuses what
 * can be known to fail. Writes nothing: a pending version that the target accepts already, and that the stack does not
 * know, is what the target lives by, and is made current just before the new value is made.
 *
 * An emergency goes on with a version that an emergency wrote. Any other interrupted one may be compromised as well.
 *
 * @throws {RotationError} as `find` does, or what the strategy's check says
 */
export async function planRotation(found: Found): Promise<PlannedSecret> {
  const { context, strategy, live, recorded } = found;
  const oldVersionId = versionWith("AWSCURRENT", live);
  const base = { context, strategy, oldVersionId };
  const isUnderWay = (id: string) => isInterrupted(id, live) || isUnsettled(recorded, oldVersionId);
  if (recorded.version && isUnderWay(recorded.version.id) && context.emergency === isMarked(found)) {
    const { counter, id } = recorded.version;
    return { ...base, mode: "resume", newValue: undefined, counter, newVersionId: id };
  }
  const current = await currentOrAcceptedPending(found);
  await strategy.check(context, current.value);
  const newValue = async () => {
    if (current.versionId !== oldVersionId && current.versionId !== undefined) {
      await context.ports.secretsManager.moveCurrent(context.fullName, { from: oldVersionId, to: current.versionId });
    }
    return strategy.create(context, current.value);
  };
  return {
    ...base,
    oldVersionId: current.versionId,
    mode: "new",
    newValue,
    counter: nextCounter(found),
    newVersionId: undefined,
  };
}

/** Another number than the recorded one makes the program write a new version. */
export function nextCounter({ recorded }: Found): number {
  return (recorded.version?.counter ?? 0) + 1;
}

/** What the program is asked for. */
export function rotatingSecret({ counter, context }: PlannedSecret, value: string | undefined): RotatingSecret {
  return { version: counter, value, stages: context.emergency ? [emergencyStage] : [] };
}

/**
 * @param emergency  whether one was asked for; an interrupted one goes on as one without being asked
 * @throws {RotationError} NOT_PROVISIONED, CONSUMER_MISSING or STRATEGY_UNAVAILABLE
 */
export async function find(
  secret: SecretDeclaration,
  config: StackConfig,
  recorded: RecordedSecret | undefined,
  ports: Ports,
  emergency: boolean,
): Promise<Found> {
  const strategy = strategyOf(secret.strategy);
  const name = fullName(config.environment, secret.name);
  const fail = (code: RotationError["code"], message: string, hint: string) =>
    new RotationError(code, { secret: secret.name, step: "check" }, message, { hint });
  if ("watchedOnly" in strategy) {
    const message = `strategy ${secret.strategy}: ${strategy.watchedOnly}`;
    throw fail("STRATEGY_UNAVAILABLE", message, "only its age is watched here");
  }
  const live = await ports.secretsManager.describe(name);
  if (!recorded?.provisioned || !live) {
    const hint = `run pulumi up --stack ${config.stack} first`;
    throw fail("NOT_PROVISIONED", "the stack has not provisioned it yet", hint);
  }
  if (recorded.unreleased.length > 0) {
    const message = `the stack still has ${recorded.unreleased.join(", ")}, which the configuration has no more`;
    throw fail("NOT_PROVISIONED", message, `run pulumi up --stack ${config.stack} first`);
  }
  const { version } = recorded;
  const goesOn = version !== undefined && isInterrupted(version.id, live) && isMarked({ live, recorded });
  const rotatedAt = dateOf(live.tags[tags.rotatedAt]);
  const context: StrategyContext = { secret, fullName: name, ports, rotatedAt, emergency: emergency || goesOn };
  await consumersExist(context);
  return { context, strategy, live, recorded };
}

/**
 * The version is on its way: pending still, or current without the stamp of a rotation through all gates. One with the
 * stamp is not, though it keeps the label AWSPENDING: who moves AWSCURRENT away from it by hand means that.
 */
export function isInterrupted(versionId: string, found: SecretDescription): boolean {
  const stages = found.stages[versionId] ?? [];
  if (found.tags[tags.rotatedVersion] === versionId) return false;
  return stages.includes("AWSCURRENT") || stages.includes("AWSPENDING");
}

/** It went through all gates, but the settling update was killed before its end: the state may still hold the value. */
function isUnsettled({ version, stampedVersion }: RecordedSecret, current: string | undefined): boolean {
  return version !== undefined && version.id === current && stampedVersion !== version.id;
}

/** Whether the recorded version was written by an emergency. */
function isMarked({ live, recorded }: Pick<Found, "live" | "recorded">): boolean {
  return live.stages[recorded.version?.id ?? ""]?.includes(emergencyStage) ?? false;
}

/**
 * AWSCURRENT and its value, or a pending version that was accepted and then forgotten. In an emergency always AWSCURRENT:
 * the services live by it, so that of two roles the other one is changed, and the pending password dies of that.
 */
async function currentOrAcceptedPending({ context, strategy, live }: Found) {
  const { secretsManager } = context.ports;
  const [current, pending] = [versionWith("AWSCURRENT", live), versionWith("AWSPENDING", live)];
  if (!context.emergency && pending !== undefined && pending !== current && isInterrupted(pending, live)) {
    const value = await secretsManager.value(context.fullName, pending);
    if (value !== undefined && (await strategy.accepts(context, value))) return { versionId: pending, value };
  }
  return { versionId: current, value: current && (await secretsManager.value(context.fullName, current)) };
}

async function consumersExist(context: StrategyContext): Promise<void> {
  const { secret, ports } = context;
  const found = await Promise.all(secret.consumers.map((consumer) => ports.kubernetes.workload(consumer)));
  const missing = secret.consumers.filter((_, i) => found[i] === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).join(", ");
  throw failure(context, "check", "CONSUMER_MISSING", `there is no ${names}`, {
    hint: "deploy it first (it may wait for the secret), or correct the secret's consumers",
  });
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
