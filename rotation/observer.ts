import type { Step } from "./steps";

/** Is told of everything that a run does, as it happens. */
export interface Observer {
  stepStarted(secret: string, step: Step): void;
  stepEnded(secret: string, step: Step, error?: Error): void;
}

export const silent: Observer = Object.freeze({
  stepStarted: () => undefined,
  stepEnded: () => undefined,
});

/** Tells each of them. */
export function observers(...all: readonly Observer[]): Observer {
  return {
    stepStarted: (secret, step) => {
      for (const observer of all) observer.stepStarted(secret, step);
    },
    stepEnded: (secret, step, error) => {
      for (const observer of all) observer.stepEnded(secret, step, error);
    },
  };
}

/** Tells the observer of a step around its work. */
export async function observed<T>(observer: Observer, secret: string, step: Step, work: () => Promise<T>): Promise<T> {
  observer.stepStarted(secret, step);
  try {
    const result = await work();
    observer.stepEnded(secret, step);
    return result;
  } catch (error) {
    observer.stepEnded(secret, step, error as Error);
    throw error;
  }
}
