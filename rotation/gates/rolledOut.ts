import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { restartAnnotation, workloadTitle } from "../../infra/names";
import { failure, type StrategyContext } from "../strategies/strategy";
import { waitFor } from "../waitFor";

/**
 * Gate "rollout": every replica of a workload runs with this version of the secret, and is available.
 *
 * @param throwIfAsked  ends the wait by throwing, where the run is to end
 * @throws {ROLLOUT_FAILED} when the time is over, with what its pods say
 */
export async function rolledOut(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  throwIfAsked: () => void = () => undefined,
): Promise<void> {
  const { secret, environment, ports } = context;
  const timeoutSeconds = secret.rolloutTimeout;
  let waitsFor = "there is no such workload";
  const look = async () => {
    throwIfAsked();
    const found = await ports.kubernetes.workload(consumer);
    if (!found) return undefined;
    const current = found.annotations[restartAnnotation(environment, secret.name)];
    waitsFor = current === versionId ? (found.waitsFor ?? "") : `its pod template says version ${current ?? "none"}`;
    return waitsFor === "" ? true : undefined;
  };
  if (await waitFor(look, { timeoutSeconds })) return;
  const pods = await ports.kubernetes.podProblems(consumer).catch(() => []);
  const reasons = [waitsFor, ...pods].join("; ");
  const message = `${workloadTitle(consumer)} is not rolled out after ${timeoutSeconds} s: ${reasons}`;
  throw failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: true, hint: mendHint(consumer) });
}

/** What to do about a workload that cannot be restarted, or does not roll out. */
export function mendHint({ kind, namespace, name }: ConsumerDeclaration): string {
  const described = `kubectl describe ${kind.toLowerCase()} -n ${namespace} ${name}`;
  return `see ${described}, mend it, and run the same command again`;
}
