import { describeError } from "../errors";
import { failureOf } from "../failureOf";
import { type Observer, observed } from "../run/observer";
import type { Step } from "../steps";
import { failure, type RotationStrategy, type StrategyContext } from "../strategies/strategy";
import { readValues } from "./readValues";

/**
 * Gate "prove": the target accepts the pending value (set), it works (test), and AWSCURRENT moves to it (finish). Each
 * step may have been done by an interrupted run already, and is then found done. All values are read from Secrets
 * Manager: what is not stored durably there is never given to a target.
 *
 * @returns what the strategy's `set` returned
 * @throws {RotationError} of the step that failed; nothing downstream is touched then
 */
export async function prove(
  { context, strategy }: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
  observer: Observer,
): Promise<string | undefined> {
  const name = context.secret.name;
  const step = <T>(which: Step, work: () => Promise<T>) =>
    observed(observer, name, which, () =>
      work().catch((error) => {
        throw failureOf(error, { secret: name, step: which });
      }),
    );
  const { values, currentId, setAt } = await step("set", async () => {
    const read = await readValues(context, versionId, "set");
    return { ...read, setAt: await strategy.set(context, read.values) };
  });
  await step("test", () => strategy.test(context, values));
  await step("finish", async () => {
    if (currentId === versionId) return;
    const move = context.ports.secretsManager.moveCurrent(context.fullName, { from: currentId, to: versionId });
    await move.catch((error) => {
      throw conflictOr(context, error);
    });
  });
  return setAt;
}

/** The compare-and-swap did not find AWSCURRENT where it was read; anything else is as it is. */
function conflictOr(context: StrategyContext, cause: unknown): unknown {
  if ((cause as Error).name !== "InvalidParameterException") return cause;
  const message = `AWSCURRENT was moved by someone else meanwhile: ${describeError(cause)}`;
  const hint = "nothing was overwritten; run the same command again";
  return failure(context, "finish", "LABEL_CONFLICT", message, { retryable: true, hint, cause });
}
