import { setTimeout as delay } from "node:timers/promises";
import { KubernetesError } from "./kubernetesError";

/**
 * Waits until a condition of another system holds, looking again and again, each time a little later. An API server that
 * does not answer meanwhile is asked on.
 *
 * @param look  yields undefined while the condition does not hold; anything else that it throws ends the wait
 * @returns what `look` yielded, or undefined when the time was over
 * @throws {KubernetesError} when the time was over, and the API server did not answer then
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  { timeoutSeconds, longestPauseMs = 2000 }: { timeoutSeconds: number; longestPauseMs?: number },
): Promise<T | undefined> {
  const end = Date.now() + timeoutSeconds * 1000;
  for (let pauseMs = 50; ; pauseMs *= 1.3) {
    let unanswered: KubernetesError | undefined;
    const found = await look().catch((error) => {
      if (!(error instanceof KubernetesError && error.mayPass)) throw error;
      unanswered = error;
      return undefined;
    });
    if (found !== undefined) return found;
    const left = end - Date.now();
    if (left <= 0) {
      if (unanswered) throw unanswered;
      return undefined;
    }
    await delay(Math.min(pauseMs, longestPauseMs, left));
  }
}
