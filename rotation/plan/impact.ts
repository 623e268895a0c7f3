import type { ConsumerDeclaration } from "../../infra/config/secretSchema";
import { awsConsumerTitle, workloadName, workloadTitle } from "../../infra/names";
import { describeError } from "../errors";
import type { StrategyContext } from "../rotators/protocol";
import type { PlannedSecret } from "./plannedSecret";

/** What an emergency rotation of one secret stops from working. */
export interface Impact {
  readonly secret: string;
  /** Sentences. */
  readonly breaks: readonly string[];
  /** Workloads. */
  readonly restarts: readonly string[];
}

/** A workload that is restarted, and by whom where that is not the driver. */
export function restartTitle({ reloaded }: StrategyContext, consumer: ConsumerDeclaration): string {
  const title = workloadTitle(consumer);
  if (!consumer.isPatched) return `${title} (what runs is awaited)`;
  return `${title}${reloaded.has(workloadName(consumer)) ? " (by Reloader)" : ""}`;
}

/** Asked of the targets now; of an ordinary rotation there is nothing to tell. Touches nothing. */
export async function impactOf(plans: readonly PlannedSecret[]): Promise<Impact[]> {
  const emergencies = plans.filter(({ context }) => context.emergency);
  return Promise.all(
    emergencies.map(async ({ context, strategy }) => ({
      secret: context.secret.name,
      breaks: await strategy.breaks(context).catch((error) => [`it is not known: ${describeError(error)}`]),
      restarts: [
        ...context.secret.consumers.map((consumer) => restartTitle(context, consumer)),
        ...context.secret.awsConsumers.map(awsConsumerTitle),
      ],
    })),
  );
}
