import { StackLockedError } from "../errors";
import type { Interruption } from "../interruption";
import { waitFor } from "../waitFor";

/** As a `pulumi up` of somebody else may take. */
const defaultSeconds = 300;

/**
 * Between two updates of a run the stack is free, and somebody else may get it: then this one waits. Of an update that is
 * not the first one, a lock that stays is a failure like any other: something was changed.
 *
 * @param attempt  an update: resolves with the engine's error, if any
 * @returns what the attempt returned, or the StackLockedError when the time was over or the run was interrupted
 */
export async function whenFree(
  {
    lockTimeoutSeconds: timeoutSeconds = defaultSeconds,
    interruption,
  }: { readonly lockTimeoutSeconds: number | undefined; readonly interruption: Interruption },
  attempt: () => Promise<unknown>,
): Promise<unknown> {
  let locked: StackLockedError | undefined;
  const look = async () => {
    if (locked && interruption.isAsked) return { error: locked };
    try {
      return { error: await attempt() };
    } catch (error) {
      if (!(error instanceof StackLockedError)) throw error;
      locked = error;
      return undefined;
    }
  };
  const done = await waitFor(look, { timeoutSeconds });
  return done ? done.error : locked;
}
