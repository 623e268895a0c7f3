import { waitFor } from "../../waitFor";
import { mayPass } from "./loginAdvice";

/**
 * Repeats what a database has failed to do only for the moment: it restarts, is full, or was not reached.
 *
 * @throws the last error when the time is over; any other error at once
 */
export async function whileItMayPass<T>(work: () => Promise<T>, timeoutSeconds: number): Promise<T> {
  let last: unknown;
  const attempt = async () => {
    try {
      return { result: await work() };
    } catch (error) {
      if (!mayPass(error)) throw error;
      last = error;
      return undefined;
    }
  };
  const done = await waitFor(attempt, { timeoutSeconds });
  if (!done) throw last;
  return done.result;
}
