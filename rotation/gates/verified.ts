import { versionWith } from "../ports/secretsManager";
import { failure, type RotationStrategy, type StrategyContext } from "../strategies/strategy";
import { rolledOut } from "./rolledOut";
import { synced } from "./synced";

/**
 * Gate "verified", the last one of an ordinary rotation: the version is AWSCURRENT, Kubernetes holds it, every consumer runs with it and is
 * available, and the target still accepts it. Only then is the rotation stamped as one.
 *
 * @throws {RotationError} LABEL_CONFLICT, NOT_SYNCED, ROLLOUT_FAILED, CREDENTIAL_REFUSED or PROBE_FAILED
 */
export async function verified(
  { context, strategy }: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
): Promise<void> {
  const { fullName, ports } = context;
  await Promise.all([
    currentIs(context, versionId),
    synced(context, versionId),
    ...context.secret.consumers.map((consumer) => rolledOut(context, versionId, consumer)),
    (async () => {
      const value = (await ports.secretsManager.value(fullName, versionId)) ?? "";
      await strategy.test(context, { pending: value, current: undefined, previous: undefined });
    })(),
  ]);
}

async function currentIs(context: StrategyContext, versionId: string): Promise<void> {
  const found = await context.ports.secretsManager.describe(context.fullName);
  const current = found && versionWith("AWSCURRENT", found);
  if (current === versionId) return;
  const message = `AWSCURRENT is ${current ?? "on no version"}, not ${versionId}: someone else moved it`;
  throw failure(context, "verify", "LABEL_CONFLICT", message, { hint: "run the same command again" });
}
