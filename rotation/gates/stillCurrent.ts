import { versionWith } from "../ports/secretsManager";
import { failure, type StrategyContext } from "../rotators/protocol";
import type { Step } from "../steps";

/** @throws {LABEL_CONFLICT} when the version is not AWSCURRENT, or is so no more */
export async function stillCurrent(context: StrategyContext, versionId: string, step: Step = "verify"): Promise<void> {
  const found = await context.ports.secretsManager.describe(context.fullName);
  const current = found && versionWith("AWSCURRENT", found);
  if (current === versionId) return;
  const message = `AWSCURRENT is ${current ?? "on no version"}, not ${versionId}: someone else moved it`;
  throw failure(context, step, "LABEL_CONFLICT", message, { hint: "run the same command again" });
}
