import { workloadName, workloadTitle } from "../../infra/names";
import type { Workload } from "../ports/workload";
import { failure, type StrategyContext } from "../rotators/protocol";

/**
 * Every consumer is there, and a restart of it gets to all of its pods. One whose rollout is stuck may be cured by this
 * rotation: it is not refused.
 *
 * @returns the consumers by their names
 * @throws {RotationError} CONSUMER_MISSING or CONSUMER_HELD_BACK
 */
export async function consumersCanFollow(context: StrategyContext): Promise<ReadonlyMap<string, Workload>> {
  const { secret, ports } = context;
  const consumers = await Promise.all(
    secret.consumers.map(async (consumer) => ({
      key: workloadName(consumer),
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
  const heldBack = consumers.flatMap(({ name, found }) => (found?.heldBack ? [{ name, ...found.heldBack }] : []));
  if (heldBack.length > 0) {
    const what = heldBack.map(({ name, why }) => `${name} ${why}`).join(", ");
    throw failure(context, "check", "CONSUMER_HELD_BACK", `${what}: not all of its pods would restart`, {
      hint: [...new Set(heldBack.map(({ hint }) => hint))].join("; "),
    });
  }
  await tellRunningJobs(context);
  return new Map(consumers.flatMap(({ key, found }) => (found ? [[key, found]] : [])));
}

/** What will be waited for, as far as it runs now. */
async function tellRunningJobs({ secret, ports, findings }: StrategyContext): Promise<void> {
  for (const consumer of secret.consumers.filter(({ isPatched }) => !isPatched)) {
    const running = new Set((await ports.kubernetes.jobPods(consumer)).map(({ job }) => job));
    if (running.size === 0) continue;
    const jobs = [...running].sort().join(", ");
    findings.fact(
      `${workloadTitle(consumer)} runs now (${jobs}): the rotation waits until that has ended, ${secret.rolloutTimeout} s at most`,
    );
  }
}
