import type { SecretDeclaration } from "../infra/config/secretSchema";
import type { StackConfig } from "../infra/config/stackConfig";
import { fullName, tags } from "../infra/names";
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
  readonly mode: "new" | "resume";
  /** The counter that the update passes to the program. */
  readonly counter: number;
  /** Version id that carries AWSCURRENT before the run. */
  readonly oldVersionId: string | undefined;
  /** Version id of a resumed rotation; a new one gets its id when it is written. */
  readonly newVersionId: string | undefined;
}

/**
 * Finds out what a rotation of this secret has to do, from the stack's state and the staging labels, and refuses what
 * can be known to fail. Writes nothing, but for one repair: a pending version that the target accepts already, and that
 * the stack does not know, is made current first, since it is what the target lives by.
 *
 * @throws {RotationError} NOT_PROVISIONED, CONSUMER_MISSING, STRATEGY_UNAVAILABLE, or what the strategy's check says
 */
export async function plan(
  secret: SecretDeclaration,
  config: StackConfig,
  recorded: RecordedSecret | undefined,
  ports: Ports,
): Promise<PlannedSecret> {
  const strategy = strategyOf(secret.strategy);
  const name = fullName(config.environment, secret.name);
  const fail = (code: RotationError["code"], message: string, hint: string) =>
    new RotationError(code, { secret: secret.name, step: "check" }, message, { hint });
  if ("watchedOnly" in strategy) {
    throw fail(
      "STRATEGY_UNAVAILABLE",
      `strategy ${secret.strategy}: ${strategy.watchedOnly}`,
      "only its age is watched here",
    );
  }
  const found = await ports.secretsManager.describe(name);
  if (!recorded?.provisioned || !found) {
    throw fail(
      "NOT_PROVISIONED",
      "the stack has not provisioned it yet",
      `run pulumi up --stack ${config.stack} first`,
    );
  }
  const context: StrategyContext = { secret, fullName: name, ports, rotatedAt: dateOf(found.tags[tags.rotatedAt]) };
  await consumersExist(context);
  const oldVersionId = versionWith("AWSCURRENT", found);
  const base = { context, strategy, oldVersionId };
  if (recorded.version && isInterrupted(recorded.version.id, found)) {
    return { ...base, mode: "resume", counter: recorded.version.counter, newVersionId: recorded.version.id };
  }
  const current = await adoptAcceptedPending(context, strategy, found);
  await strategy.check(context, current.value);
  const counter = (recorded.version?.counter ?? 0) + 1;
  return { ...base, oldVersionId: current.versionId, mode: "new", counter, newVersionId: undefined };
}

/** The recorded version is on its way: pending still, or current without the stamp of a rotation through all gates. */
export function isInterrupted(versionId: string, found: SecretDescription): boolean {
  const stages = found.stages[versionId] ?? [];
  if (stages.includes("AWSCURRENT")) return found.tags[tags.rotatedVersion] !== versionId;
  return stages.includes("AWSPENDING");
}

/** AWSCURRENT and its value, after the repair of a pending version that was accepted and then forgotten. */
async function adoptAcceptedPending(context: StrategyContext, strategy: RotationStrategy, found: SecretDescription) {
  const { secretsManager } = context.ports;
  const [current, pending] = [versionWith("AWSCURRENT", found), versionWith("AWSPENDING", found)];
  if (pending !== undefined && pending !== current) {
    const value = await secretsManager.value(context.fullName, pending);
    if (value !== undefined && (await strategy.accepts(context, value))) {
      await secretsManager.moveCurrent(context.fullName, { from: current, to: pending });
      return { versionId: pending, value };
    }
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
