import { describeError, RotationError } from "../errors";
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
    observed(observer, name, which, () => attributed(context, which, work));
  const { values, currentId, setAt } = await step("set", async () => {
    const read = await readValues(context, versionId, "set");
    return { ...read, setAt: await strategy.set(context, read.values) };
  });
  await step("test", () => strategy.test(context, values));
  await step("finish", async () => {
    if (currentId === versionId) return;
    await context.ports.secretsManager.moveCurrent(context.fullName, { from: currentId, to: versionId });
  });
  return setAt;
}

/** Whatever fails within a step becomes an error that names the secret and the step. */
export async function attributed<T>(context: StrategyContext, step: Step, work: () => Promise<T>): Promise<T> {
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
    throw failureOf(cause, { secret: context.secret.name, step });
  }
}
