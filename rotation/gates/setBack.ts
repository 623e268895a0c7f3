import { describeError, type RotationError } from "../errors";
import { versionWith } from "../ports/secretsManager";
import type { RotationStrategy, StrategyContext, Values } from "../rotators/protocol";
import { waitFor } from "../waitFor";

/**
 * After a failure between `set` and the move of AWSCURRENT: a target that accepts one credential is given the current one
 * again, where that is known to be current still. The next run goes on with the same version.
 *
 * In an emergency it is not: the current one has leaked.
 *
 * @returns the failure, with what has become of the target
 */
export async function setBack(
  { context, strategy }: { context: StrategyContext; strategy: RotationStrategy },
  versionId: string,
  { values, currentId: readId }: { values: Values; currentId: string | undefined },
  error: RotationError,
): Promise<RotationError> {
  if (strategy.overlap !== "one-live" || !strategy.setBack) return error;
  if (context.emergency) {
    const text = "nothing was set back, since the current credential is taken for compromised: services may be refused";
    return error.also(text, withAgain(error));
  }
  const label = await currentLabel(context);
  // Before `finish` nobody but this run, which has the stack's lock, moves the label.
  if ("unknown" in label && error.step === "finish") {
    const text = `whether AWSCURRENT has moved is not known (${label.unknown}), so nothing was set back: services may be refused`;
    return error.also(text, withAgain(error));
  }
  const currentId = "unknown" in label ? readId : label.versionId;
  // AWS gives the label to a first version by itself; and the answer to its move may have been lost.
  if (currentId === versionId) {
    const isFirst = values.current === undefined;
    const text = isFirst ? "there is no version before this one, so nothing could be set back" : onTheNew;
    return error.also(text, withAgain(error));
  }
  const value = currentId === readId ? { text: values.current } : await valueAt(context, currentId);
  if ("unknown" in value) {
    return error.also(`AWSCURRENT cannot be read (${value.unknown}), so nothing was set back`, withAgain(error));
  }
  const current = value.text;
  const standing = await strategy.setBack(context, { ...values, current });
  if (standing.acceptsCurrent && (await hasMoved(context, versionId))) {
    // A request that was given up has been done after all.
    const after = await strategy.set(context, values).then(
      () => "AWSCURRENT has moved meanwhile, and the target was given the new value again",
      (failure) => `AWSCURRENT has moved meanwhile, and the target has the older value: ${describeError(failure)}`,
    );
    return error.also(after, withAgain(error));
  }
  return error.also(standing.text, standing.acceptsCurrent ? error.hint : withWaysOut(context, error));
}

/** Read again: a bounded time, as for all that AWS is asked. */
async function currentLabel({ ports, fullName }: StrategyContext) {
  let unknown = "it was not answered";
  const look = async () =>
    ports.secretsManager.describe(fullName).then(
      (found) => found && { versionId: versionWith("AWSCURRENT", found) },
      (error) => {
        unknown = describeError(error);
        return undefined;
      },
    );
  return (await waitFor(look, { timeoutSeconds: 10 })) ?? { unknown };
}

async function hasMoved(context: StrategyContext, versionId: string): Promise<boolean> {
  const label = await currentLabel(context);
  return "versionId" in label && label.versionId === versionId;
}

/** Somebody may have moved the label to another version by hand. */
async function valueAt({ ports, fullName }: StrategyContext, id: string | undefined) {
  if (id === undefined) return { text: undefined };
  return ports.secretsManager.value(fullName, id).then(
    (text) => ({ text }),
    (error) => ({ unknown: describeError(error) }),
  );
}

const onTheNew = "AWSCURRENT is on the new version, so nothing was set back";
const again = "run the same command again";

function withAgain({ hint }: RotationError): string {
  if (hint === undefined) return `${again}: it goes on where this one stopped`;
  return hint.includes(again) ? hint : `${hint}; then ${again}: it goes on where this one stopped`;
}

function withWaysOut({ secret: { name } }: StrategyContext, error: RotationError): string {
  return `${withAgain(error)}. Where the new value can never pass: npm run rotate -- ${name} --emergency makes another one`;
}
