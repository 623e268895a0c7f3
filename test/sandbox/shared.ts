import { type Sandbox, startSandbox } from "./sandbox";

let started: Promise<Sandbox> | undefined;

/**
 * The one sandbox that the tests of a process share: mocha runs files side by side in two, one after the other in each. It is
 * started for the first that asks and ends with the process. A test must use names of its own in it, and leave its parts
 * running.
 */
export function sharedSandbox(): Promise<Sandbox> {
  started ??= startSandbox();
  return started;
}

/** Makes one that runs already the shared one, for whoever has started it and ends it. */
export function share(sandbox: Sandbox): void {
  started = Promise.resolve(sandbox);
}

/** Ends it, where one process goes on to other things; the next that asks gets a new one. */
export async function endSharedSandbox(): Promise<void> {
  const ending = started;
  started = undefined;
  await (await ending?.catch(() => undefined))?.stop();
}
