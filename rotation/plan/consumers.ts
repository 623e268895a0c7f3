import { workloadTitle } from "../../infra/names";
import { failure, type StrategyContext } from "../strategies/strategy";

/**
 * Every consumer is there, and a restart of it gets to all of its pods. One whose rollout is stuck may be cured by this
 * rotation: it is not refused.
 *
 * @throws {RotationError} CONSUMER_MISSING or CONSUMER_HELD_BACK
 */
export async function consumersCanFollow(context: StrategyContext): Promise<void> {
  const { secret, ports } = context;
  const consumers = await Promise.all(
    secret.consumers.map(async (consumer) => ({
      name: workloadTitle(consumer),
      found: await ports.kubernetes.workload(consumer),
    })),
  );
  const missing = consumers.filter(({ found }) => found === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    throw failure(context, "check", "CONSUMER_MISSING", `there is no ${missing.join(", ")}`, {
      hint: "deploy it first (it may wait for the secret), or correct the secret's consumers",
    });
  }
  for (const { name, found } of consumers) {
    if (found?.downtime === undefined) continue;
    context.findings.warn(`no zero downtime: ${name} ${found.downtime}; give it a surge, or a second replica`);
  }
  const heldBack = consumers.flatMap(({ name, found }) => (found?.heldBack ? [`${name} ${found.heldBack}`] : []));
  if (heldBack.length > 0) {
    throw failure(context, "check", "CONSUMER_HELD_BACK", `${heldBack.join(", ")}: not all of its pods would restart`, {
      hint: "resume it (kubectl rollout resume), or let it roll out by itself: RollingUpdate, without a partition",
    });
  }
}
