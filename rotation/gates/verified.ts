import type { RotationStrategy, StrategyContext } from "../rotators/protocol";
import { awsRestarted } from "./awsRestarted";
import { restarted } from "./restarted";
import { stillCurrent } from "./stillCurrent";
import { synced } from "./synced";

/**
 * Gate "verified", the last one of an ordinary rotation: the version is AWSCURRENT, Kubernetes holds it, every consumer runs with it and is
 * available, and the target still accepts it; then that it is served with, where that can be seen. Only then is the rotation
 * stamped as one.
 *
 * @throws {RotationError} LABEL_CONFLICT, NOT_SYNCED, ROLLOUT_FAILED, CREDENTIAL_REFUSED or PROBE_FAILED
 */
export async function verified(
  { context, strategy }: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
): Promise<void> {
  const { fullName, ports } = context;
  const tested = async () => {
    const value = (await ports.secretsManager.value(fullName, versionId)) ?? "";
    await strategy.test(context, { pending: value, current: undefined, previous: undefined });
    return value;
  };
  const [value] = await Promise.all([
    tested(),
    stillCurrent(context, versionId),
    synced(context, versionId),
    ...context.secret.consumers.map((consumer) => restarted(context, versionId, consumer)),
    ...context.secret.awsConsumers.map((consumer) => awsRestarted(context, versionId, consumer)),
  ]);
  await strategy.served?.(context, value);
}
