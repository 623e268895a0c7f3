import { type Strategy, strategyOf } from "../../infra/config/rotator";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { StackConfig } from "../../infra/config/stackConfig";
import { emergencyStage, fullName, placeholder, tags } from "../../infra/names";
import { RotationError } from "../errors";
import type { Ports } from "../ports";
import { type SecretDescription, versionWith } from "../ports/secretsManager";
import type { Workload } from "../ports/workload";
import { failure, type RotationStrategy, type StrategyContext } from "../rotators/protocol";
import type { RecordedSecret } from "../stack/recordedStack";
import { consumersCanFollow } from "./consumers";

/** What is known of a secret before its rotation, and how it is rotated. */
export interface Found {
  readonly context: StrategyContext;
  readonly strategy: RotationStrategy;
  readonly live: SecretDescription;
  readonly recorded: RecordedSecret;
  /** Its consumers in the cluster, by name (see workloadName). */
  readonly workloads: ReadonlyMap<string, Workload>;
}

/** Whether a run rotates it, and does not only watch its age. */
export function isRotatable({ rotators }: Pick<StackConfig, "rotators">): (secret: SecretDeclaration) => boolean {
  return (secret) => "steps" in strategyOf(rotators, secret);
}

/** Whether a run has something to do with it: it rotates it, or brings what AWS has rotated to the consumers. */
export function isDriven({ rotators }: Pick<StackConfig, "rotators">): (secret: SecretDeclaration) => boolean {
  return (secret) => stepsOf(strategyOf(rotators, secret)) !== undefined;
}

/** How a run rotates a secret, or follows who else does; undefined: it is only watched. */
function stepsOf(strategy: Strategy): (() => unknown) | undefined {
  return "steps" in strategy ? strategy.steps : strategy.follows;
}

/**
 * @param asked  whether an emergency was asked for, an interrupted one goes on as one without that; and where to note what is found
 * @throws {RotationError} NOT_PROVISIONED, SCHEDULED_FOR_DELETION, STRATEGY_UNAVAILABLE, or what is wrong with a consumer
 */
export async function find(
  secret: SecretDeclaration,
  config: StackConfig,
  recorded: RecordedSecret | undefined,
  ports: Ports,
  { emergency, findings }: Pick<StrategyContext, "emergency" | "findings">,
): Promise<Found> {
  const strategy = strategyOf(config.rotators, secret);
  const name = fullName(config.environment, secret.name);
  const fail = (code: RotationError["code"], message: string, hint: string) =>
    new RotationError(code, { secret: secret.name, step: "check" }, message, { hint });
  const steps = stepsOf(strategy);
  if (!steps) {
    const why = "watchedOnly" in strategy ? strategy.watchedOnly : "";
    throw fail("STRATEGY_UNAVAILABLE", `strategy ${secret.strategy}: ${why}`, "only its age is watched here");
  }
  const live = await ports.secretsManager.describe(name);
  if (!recorded?.provisioned) {
    throw fail(
      "NOT_PROVISIONED",
      "the stack has not provisioned it yet",
      `run pulumi up --stack ${config.named} first`,
    );
  }
  if (!live) {
    const hint = `pulumi up --refresh --stack ${config.named} makes it again; then run the same command again`;
    throw fail("NOT_PROVISIONED", `there is no secret ${name}: it was deleted outside of the stack, or renamed`, hint);
  }
  if (recorded.arn !== undefined && recorded.arn !== live.arn) {
    const hint = "see what the stack's environment and region were, or who made that one";
    throw fail("NOT_PROVISIONED", `${name} is ${live.arn}, and the stack's own is ${recorded.arn}`, hint);
  }
  if (live.deletedAt) {
    const message = `it is scheduled for deletion (${live.deletedAt.toISOString()})`;
    throw fail("SCHEDULED_FOR_DELETION", message, `aws secretsmanager restore-secret --secret-id ${name}`);
  }
  if (recorded.unreleased.length > 0) {
    const message = `the stack still has ${recorded.unreleased.join(", ")}, which the configuration has no more`;
    throw fail("NOT_PROVISIONED", message, `run pulumi up --stack ${config.named} first`);
  }
  const { version } = recorded;
  const goesOn = version !== undefined && isInterrupted(version.id, live) && isMarked({ live, recorded });
  const rotatedAt = dateOf(live.tags[tags.rotatedAt]);
  const isEmergency = emergency || goesOn;
  const at = { environment: config.environment, fullName: name, arn: live.arn };
  const context = { secret, ...at, ports, rotatedAt, emergency: isEmergency, reloaded: new Map(), findings };
  const workloads = await consumersCanFollow(context);
  return { context, strategy: steps() as RotationStrategy, live, recorded, workloads };
}

/**
 * AWSCURRENT and its value, which a run replaces; the placeholder is none.
 *
 * @throws {SECRET_MALFORMED} when it has no text, so that no backup could hold it
 */
export async function currentText({ context, live }: Pick<Found, "context" | "live">) {
  const versionId = versionWith("AWSCURRENT", live);
  const value = versionId && (await context.ports.secretsManager.value(context.fullName, versionId));
  if (versionId !== undefined && value === undefined) {
    const message = `the current version ${versionId} has no text (SecretString)`;
    const hint =
      "a binary value is not rotated here: put a text in its place first, aws secretsmanager put-secret-value";
    throw failure(context, "check", "SECRET_MALFORMED", message, { hint });
  }
  return { versionId, value: value === placeholder ? undefined : value };
}

/**
 * The version is on its way: pending still, or current without the stamp of a rotation through all gates. One that had
 * AWSCURRENT once is not, though it keeps the label AWSPENDING: who moves AWSCURRENT away from it by hand means that. The
 * stamp tells it, or AWSPREVIOUS, which Secrets Manager gives to the version that AWSCURRENT is taken from. But what an
 * emergency was to retire is valid still.
 */
export function isInterrupted(versionId: string, found: Pick<SecretDescription, "stages" | "tags">): boolean {
  const stages = found.stages[versionId] ?? [];
  if (found.tags[tags.rotatedVersion] === versionId) return false;
  const isAbandoned = stages.includes("AWSPREVIOUS") && !stages.includes(emergencyStage);
  return stages.includes("AWSCURRENT") || (stages.includes("AWSPENDING") && !isAbandoned);
}

/** The stack has brought it as far as Kubernetes, and AWSCURRENT is elsewhere since: an update would find nothing to do. */
export function isAbandoned({ version, told }: RecordedSecret, current: string | undefined): boolean {
  return version !== undefined && version.id !== current && told(version.id);
}

/** It went through all gates, but the settling update was killed before its end: the state may still hold the value. */
export function isUnsettled({ version, stampedVersion }: RecordedSecret, current: string | undefined): boolean {
  return version !== undefined && version.id === current && stampedVersion !== version.id;
}

/** Whether the recorded version was written by an emergency. */
export function isMarked({ live, recorded }: Pick<Found, "live" | "recorded">): boolean {
  return live.stages[recorded.version?.id ?? ""]?.includes(emergencyStage) ?? false;
}

/** Another number than the recorded one makes the program write a new version. */
export function nextCounter({ recorded }: Pick<Found, "recorded">): number {
  return (recorded.version?.counter ?? 0) + 1;
}

/** Of a tag; undefined: there is none. */
export function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
