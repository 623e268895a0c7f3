import { failureOf } from "../failureOf";
import type { Observer } from "../observer";

/** A line per step, for logs and pipes. */
export function plainProgress(write: (line: string) => void): Observer {
  return {
    stepStarted: (secret, step) => write(`${secret}: ${step}`),
    stepEnded: (secret, step, error) => {
      if (error) write(`failed: ${failureOf(error, { secret, step }).message}`);
    },
  };
}
