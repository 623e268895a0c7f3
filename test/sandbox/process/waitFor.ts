import { waitFor as look } from "../../../rotation/waitFor";

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
}

/**
 * Waits until `attempt` gives a value other than undefined or false, and returns it.
 * @throws Error naming `what` and the last failure when the time is up; an attempt that throws counts as "not yet".
 */
export async function waitFor<T>(
  what: string,
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs, intervalMs = 50 }: WaitOptions,
): Promise<T> {
  let failure: unknown;
  const once = async () => {
    try {
      return (await attempt()) || undefined;
    } catch (error) {
      failure = error;
      return undefined;
    }
  };
  const found = await look(once, { timeoutSeconds: timeoutMs / 1000, longestPauseMs: intervalMs });
  if (found !== undefined) return found;
  const reason = failure instanceof Error ? ` (last: ${failure.message})` : "";
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}${reason}`, { cause: failure });
}
