import { setTimeout as delay } from "node:timers/promises";

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
  const deadline = Date.now() + timeoutMs;
  let failure: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) break;
    await delay(intervalMs);
  }
  const reason = failure instanceof Error ? ` (last: ${failure.message})` : "";
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}${reason}`, { cause: failure });
}
