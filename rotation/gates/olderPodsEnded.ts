import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { versionAnnotation, workloadTitle } from "../../infra/names";
import { jobsBegunBefore } from "../ports/jobs";
import { failure, type StrategyContext } from "../rotators/protocol";
import { waitFor } from "../waitFor";

/**
 * Gate "rollout" of a workload that nothing restarts, a CronJob: no pod runs any more that may have begun with an older content of the
 * Kubernetes Secret. What begins now has this version, so that it need not be waited for.
 *
 * @param throwIfAsked  ends the wait by throwing, where the run is to end
 * @throws {ROLLOUT_FAILED} when some of them still run when the time is over
 */
export async function olderPodsEnded(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  throwIfAsked: () => void,
): Promise<void> {
  const { secret, ports } = context;
  const { namespace, name } = consumer;
  const target = secret.externalSecret?.target ?? "";
  const timeoutSeconds = secret.rolloutTimeout;
  let waitsFor = "";
  const look = async () => {
    throwIfAsked();
    const held = await ports.kubernetes.secret(namespace, target);
    if (held?.annotations[versionAnnotation] !== versionId) {
      waitsFor = `the Kubernetes Secret ${namespace}/${target} holds another version`;
      return undefined;
    }
    const jobs = jobsBegunBefore(held.contentSince, await ports.kubernetes.jobPods({ namespace, name }));
    waitsFor = `${jobs.join(", ")} began with the older value, and still run${jobs.length === 1 ? "s" : ""}`;
    return jobs.length === 0 ? true : undefined;
  };
  if (await waitFor(look, { timeoutSeconds })) return;
  const message = `${workloadTitle(consumer)}: after ${timeoutSeconds} s ${waitsFor}`;
  const hint = `wait until it has ended, or end it (kubectl delete job -n ${namespace} NAME), and run the same command again; where its jobs take longer, make the secret's rolloutTimeout longer`;
  throw failure(context, "rollout", "ROLLOUT_FAILED", message, { retryable: true, hint });
}
