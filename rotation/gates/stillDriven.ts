import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { workloadName, workloadTitle } from "../../infra/names";
import { knowsReloader, reloads } from "../reloader/recognise";
import { isMadeWith } from "../reloader/restarted";
import { failure, type StrategyContext } from "../rotators/protocol";

/**
 * Part of the gate before the driver restarts a workload: nobody has asked Reloader to do it since the plan was made. It would
 * restart twice.
 *
 * @param workload  its name, see workloadName
 * @throws {CONSUMER_HELD_BACK} when it is Reloader's by now; it is not restarted then
 */
export async function stillDriven(context: StrategyContext, versionId: string, workload: string): Promise<void> {
  const consumer = context.secret.consumers.find((one) => workloadName(one) === workload);
  if (!consumer || !(await isReloaded(context, versionId, consumer))) return;
  const message = `${workloadTitle(consumer)} asks Reloader to restart it since this run has begun: the driver leaves it to Reloader`;
  const hint = "run the same command again: it waits for Reloader then";
  throw failure(context, "rollout", "CONSUMER_HELD_BACK", message, { retryable: true, hint });
}

/** Whether Reloader restarts a consumer for the content that its Kubernetes Secret has now, as annotations tell. */
export async function isReloaded(
  { secret, ports }: StrategyContext,
  versionId: string,
  consumer: ConsumerDeclaration,
): Promise<boolean> {
  if (consumer.restart === "driver") return false;
  const workload = await ports.kubernetes.workload(consumer);
  if (!workload || !knowsReloader(workload.reloader)) return false;
  const name = secret.externalSecret?.target ?? "";
  const held = await ports.kubernetes.secret(consumer.namespace, name);
  const seen = reloads(workload.reloader, { name, annotations: held?.annotations ?? {} });
  return seen !== undefined && "because" in seen && !isMadeWith(versionId, held);
}
