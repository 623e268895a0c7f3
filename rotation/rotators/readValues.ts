import { placeholder } from "../../infra/names";
import { versionWith } from "../ports/secretsManager";
import { failure, type StrategyContext, type Values } from "../rotators/protocol";
import type { Step } from "../steps";
import { waitFor } from "../waitFor";

/**
 * What the version takes over from: read by its staging labels, wherever AWSCURRENT is by now. The placeholder is no value.
 *
 * @returns beforeId  the version that `values.current` is of
 */
export async function readValues(
  context: StrategyContext,
  versionId: string,
  step: Step,
): Promise<{ values: Values; currentId: string | undefined; beforeId: string | undefined }> {
  const { fullName, ports } = context;
  const manager = ports.secretsManager;
  const read = async (id: string | undefined) => {
    const text = id === undefined ? undefined : await manager.value(fullName, id);
    return text === placeholder ? undefined : text;
  };
  // A version that was written a moment ago may not be readable everywhere yet.
  const pending = await waitFor(() => manager.value(fullName, versionId), { timeoutSeconds: 20 });
  if (pending === undefined) {
    throw failure(context, step, "AWS_FAILED", `version ${versionId} cannot be read`, { retryable: true });
  }
  const found = await manager.describe(fullName);
  const [currentId, previousId] = ["AWSCURRENT", "AWSPREVIOUS"].map((stage) => found && versionWith(stage, found));
  // Where the label has moved already (AWS gives it to a first version at once), the value before is the one compared with.
  const before = currentId === versionId ? [previousId, undefined] : [currentId, previousId];
  const [current, previous] = await Promise.all(before.map(read));
  return { values: { pending, current, previous }, currentId, beforeId: before[0] };
}
