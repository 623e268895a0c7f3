import { failure, type RotationStrategy, type StrategyContext } from "../protocol";

/** AWS alone makes and sets its values, and proves them at the target: a run that asks for one has no business here. */
async function byAws(context: StrategyContext): Promise<never> {
  throw failure(context, "create", "STRATEGY_UNAVAILABLE", "strategy native: AWS alone writes its values", {
    hint: `aws secretsmanager rotate-secret --secret-id ${context.fullName}`,
  });
}

/** How a secret is driven that AWS rotates: its new version is brought to the consumers, and nothing else is done. */
export const followed: RotationStrategy = Object.freeze({
  overlap: "consumers-only",
  check: async () => undefined,
  create: byAws,
  rollBack: byAws,
  restore: byAws,
  set: byAws,
  flaw: () => undefined,
  test: async () => undefined,
  retire: byAws,
  breaks: async () => [],
  accepts: async () => false,
});
