import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { workloadName } from "../../infra/names";
import type { StrategyContext } from "../rotators/protocol";
import { olderPodsEnded } from "./olderPodsEnded";
import { reloaded } from "./reloaded";
import { rolledOut } from "./rolledOut";

/**
 * Gate "rollout": every replica of a workload runs with this version of the secret, and is available, whoever restarts it.
 *
 * @param throwIfAsked  ends the wait by throwing, where the run is to end
 * @throws {ROLLOUT_FAILED} when the time is over, with what its pods say
 */
export async function restarted(
  context: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
  throwIfAsked: () => void = () => undefined,
): Promise<void> {
  if (context.upToDate?.has(workloadName(consumer))) return;
  const driven = context.reloaded.has(workloadName(consumer)) ? reloaded : rolledOut;
  const gate = consumer.isPatched ? driven : olderPodsEnded;
  return gate(context, versionId, consumer, throwIfAsked);
}
