import { describeError, type RotationError } from "../errors";
import { failureOf } from "../failureOf";
import { type Observer, observed } from "../observer";
import { failure, type RotationStrategy, type StrategyContext } from "../rotators/protocol";
import { readValues } from "../rotators/readValues";
import type { Step } from "../steps";
import type { Entry } from "./run";
import { setBack } from "./setBack";
import { stillCurrent } from "./stillCurrent";

/**
 * Gate "prove" of a secret of a run, with the version that its consumers are to get. One that AWS rotates was set and proven by
 * AWS, which has moved AWSCURRENT: it has to be there still.
 *
 * @throws {RotationError} of the step that failed
 */
export async function proveEntry(entry: Entry, versionId: string, observer: Observer): Promise<void> {
  const { context, mode } = entry.plan;
  entry.versionId = versionId;
  if (mode === "follow") {
    await observed(observer, context.secret.name, "finish", () => stillCurrent(context, versionId, "finish"));
    return;
  }
  // Of several, the first is the nearest to when it was set.
  entry.setAt ??= await prove(entry.plan, versionId, observer);
}

/**
 * Gate "prove": the target accepts the pending value (set), it works (test), and AWSCURRENT moves to it (finish). Each
 * step may have been done by an interrupted run already, and is then found done. All values are read from Secrets
 * Manager: what is not stored durably there is never given to a target.
 *
 * A target that accepts only one credential refuses the one that services have from `set` on. So when a step fails before
 * AWSCURRENT has moved, it is set back to that at once, within the failing step.
 *
 * @returns what the strategy's `set` returned
 * @throws {RotationError} of the step that failed; nothing downstream is touched then
 */
export async function prove(
  plan: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
  observer: Observer,
): Promise<string | undefined> {
  const { context, strategy } = plan;
  const alone = strategy.isolated ?? ((_context, work) => work());
  return alone(context, () => setTestFinish(plan, versionId, observer));
}

async function setTestFinish(
  plan: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
  observer: Observer,
): Promise<string | undefined> {
  const { context, strategy } = plan;
  const name = context.secret.name;
  const step = <T>(which: Step, work: () => Promise<T>, undo = async (error: RotationError) => error) =>
    observed(observer, name, which, () =>
      work().catch(async (error) => {
        throw await undo(failureOf(error, { secret: name, step: which }));
      }),
    );
  let read: Awaited<ReturnType<typeof readValues>> | undefined;
  const undo = async (error: RotationError) => (read ? setBack(plan, versionId, read, error) : error);
  const { values, currentId, setAt } = await step(
    "set",
    async () => {
      read = await readValues(context, versionId, "set");
      return { ...read, setAt: await strategy.set(context, read.values) };
    },
    undo,
  );
  await step("test", () => strategy.test(context, values), undo);
  const finish = async () => {
    if (currentId === versionId) return;
    const move = context.ports.secretsManager.moveCurrent(context.fullName, { from: currentId, to: versionId });
    await move.catch((error) => {
      throw conflictOr(context, error);
    });
  };
  await step("finish", finish, undo);
  return setAt;
}

/** The compare-and-swap did not find AWSCURRENT where it was read; anything else is as it is. */
function conflictOr(context: StrategyContext, cause: unknown): unknown {
  if ((cause as Error).name !== "InvalidParameterException") return cause;
  const message = `AWSCURRENT was moved by someone else meanwhile: ${describeError(cause)}`;
  const hint = "AWSCURRENT was left where it is; run the same command again";
  return failure(context, "finish", "LABEL_CONFLICT", message, { retryable: true, hint, cause });
}
