import { workloadTitle } from "../../infra/names";
import { describeError } from "../errors";
import type { PlannedSecret } from "./planRotation";

/** What an emergency rotation of one secret stops from working. */
export interface Impact {
  readonly secret: string;
  /** Sentences. */
  readonly breaks: readonly string[];
  /** Workloads. */
  readonly restarts: readonly string[];
}

/** Asked of the targets now; of an ordinary rotation there is nothing to tell. Touches nothing. */
export async function impactOf(plans: readonly PlannedSecret[]): Promise<Impact[]> {
  const emergencies = plans.filter(({ context }) => context.emergency);
  return Promise.all(
    emergencies.map(async ({ context, strategy }) => ({
      secret: context.secret.name,
      breaks: await strategy.breaks(context).catch((error) => [`it is not known: ${describeError(error)}`]),
      restarts: context.secret.consumers.map(workloadTitle),
    })),
  );
}
