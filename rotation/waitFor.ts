import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until a condition of another system holds, looking again and again, each time a little later.
 *
 * @param look  yields undefined while the condition does not hold; what it throws ends the wait
 * @returns what `look` yielded, or undefined when the time was over
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { timeoutSeconds, longestPauseMs = 2000 }: { timeoutSeconds: number; longestPauseMs?: number },
): Promise<T | undefined> {
  const end = Date.now() + timeoutSeconds * 1000;
  for (let pauseMs = 50; ; pauseMs *= 1.3) {
    const found = await look();
    if (found !== undefined) return found;
    const left = end - Date.now();
    if (left <= 0) return undefined;
    await delay(Math.min(pauseMs, longestPauseMs, left));
  }
}
