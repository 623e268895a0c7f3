import type { Observer } from "../observer";

/** A line per step, for logs and pipes. */
export function plainProgress(write: (line: string) => void): Observer {
  return {
    stepStarted: (secret, step) => write(`${secret}: ${step}`),
    stepEnded: (_secret, _step, error) => {
      // A RotationError says the secret and the step itself.
      if (error) write(`failed: ${error.message}`);
    },
  };
}
