import { after } from "mocha";
import { type Sandbox, startSandbox } from "./sandbox";

let started: Promise<Sandbox> | undefined;

/**
 * The one sandbox that the tests of a mocha run share: started for the first that asks, stopped after the last. A test must
 * use names of its own in it, and leave its parts running.
 */
export function sharedSandbox(): Promise<Sandbox> {
  started ??= startSandbox();
  return started;
}

// Registered when mocha loads the first file that imports this, outside of every suite: it runs after all of them.
after(async function stopSharedSandbox() {
  this.timeout(60_000);
  await (await started)?.stop();
});
