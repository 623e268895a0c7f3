import { describeError, RotationError, type Step } from "../errors";
import { type Observer, observed } from "../observer";
import { versionWith } from "../ports/secretsManager";
import { failure, type RotationStrategy, type StrategyContext, type Values } from "../strategies/strategy";
import { waitFor } from "../waitFor";

/**
 * Gate "prove": the target accepts the pending value (set), it works (test), and AWSCURRENT moves to it (finish). Each
 * step may have been done by an interrupted run already, and is then found done. All values are read from Secrets
 * Manager: what is not stored durably there is never given to a target.
 *
 * @throws {RotationError} of the step that failed; nothing downstream is touched then
 */
export async function prove(
  { context, strategy }: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
  observer: Observer,
): Promise<void> {
  const name = context.secret.name;
  const step = <T>(which: Step, work: () => Promise<T>) =>
    observed(observer, name, which, () => attributed(context, which, work));
  const { values, currentId } = await step("set", async () => {
    const read = await readValues(context, versionId);
    await strategy.set(context, read.values);
    return read;
  });
  await step("test", () => strategy.test(context, values));
  await step("finish", async () => {
    if (currentId === versionId) return;
    await context.ports.secretsManager.moveCurrent(context.fullName, { from: currentId, to: versionId });
  });
}

async function readValues(
  context: StrategyContext,
  versionId: string,
): Promise<{ values: Values; currentId: string | undefined }> {
  const { fullName, ports } = context;
  const manager = ports.secretsManager;
  const read = (id: string | undefined) => (id === undefined ? undefined : manager.value(fullName, id));
  // A version that was written a moment ago may not be readable everywhere yet.
  const pending = await waitFor(() => manager.value(fullName, versionId), { timeoutSeconds: 20 });
  if (pending === undefined) {
    throw failure(context, "set", "AWS_FAILED", `version ${versionId} cannot be read`, { retryable: true });
  }
  const found = await manager.describe(fullName);
  const [currentId, previousId] = ["AWSCURRENT", "AWSPREVIOUS"].map((stage) => found && versionWith(stage, found));
  // Where the label has moved already (AWS gives it to a first version at once), the value before is the one compared with.
  const before = currentId === versionId ? [previousId, undefined] : [currentId, previousId];
  const [current, previous] = await Promise.all(before.map(async (id) => read(id)));
  return { values: { pending, current, previous }, currentId };
}

/** Whatever fails within a step becomes an error that names the secret and the step. */
async function attributed<T>(context: StrategyContext, step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RotationError) throw cause;
    if (step === "finish" && (cause as Error).name === "InvalidParameterException") {
      throw failure(
        context,
        step,
        "LABEL_CONFLICT",
        `AWSCURRENT was moved by someone else meanwhile: ${describeError(cause)}`,
        {
          retryable: true,
          hint: "nothing was overwritten; run the same command again",
          cause,
        },
      );
    }
    throw failure(context, step, "AWS_FAILED", describeError(cause), { retryable: true, cause });
  }
}
