import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { restartAnnotation, workloadTitle } from "../../infra/names";
import type { RotationError } from "../errors";
import { failure, type StrategyContext } from "../rotators/protocol";
import { waitFor } from "../waitFor";

/**
 * Gate "rollout" of a workload that the driver restarts: every replica runs with this version of the secret, and is available.
 *
 * @param throwIfAsked  ends the wait by throwing, where the run is to end
 * @throws {ROLLOUT_FAILED} when the time is over, with what its pods say
 */
export async function rolledOut(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  throwIfAsked: () => void,
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
    if (current === versionId && found.failed !== undefined) return { failed: found.failed };
    return waitsFor === "" ? "rolled out" : undefined;
  };
  const end = await waitFor(look, { timeoutSeconds });
  if (end === "rolled out") return;
  if (end) {
    const message = `${workloadTitle(consumer)}: ${end.failed}`;
    throw failure(context, "rollout", "ROLLOUT_FAILED", message, { hint: mendHint(consumer) });
  }
  throw await notRolledOut(context, consumer, waitsFor);
}

/** @param waitsFor  what is missing still, when the time is over */
export async function notRolledOut(
  context: StrategyContext,
  consumer: ConsumerDeclaration,
  waitsFor: string,
): Promise<RotationError> {
  const pods = await context.ports.kubernetes.podProblems(consumer).catch(() => []);
  const reasons = [waitsFor, ...pods].join("; ");
  const message = `${workloadTitle(consumer)} is not rolled out after ${context.secret.rolloutTimeout} s: ${reasons}`;
  return failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: true, hint: mendHint(consumer) });
}

/** What to do about a workload that cannot be restarted, or does not roll out. */
export function mendHint({ kind, namespace, name }: ConsumerDeclaration): string {
  const described = `kubectl describe ${kind.toLowerCase()} -n ${namespace} ${name}`;
  return `see ${described}, mend it, and run the same command again`;
}
