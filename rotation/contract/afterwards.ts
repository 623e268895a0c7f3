import { setTimeout as delay } from "node:timers/promises";
import { explained } from "../failureOf";
import { cutNetwork } from "./hooks";
import { madeUpLike } from "./madeUp";
import type { Site } from "./site";

/** How long the steps may take to fail, in seconds. */
const failsWithinSeconds = 15;

/** Runs every step with no network, and says what each throws. What comes of them does not matter. */
export async function fail(site: Site, say: (text: string) => void): Promise<void> {
  const { current, previous } = await site.values();
  const { context } = await site.found();
  const { strategy, own } = site;
  const values = { pending: current, current: previous, previous: undefined };
  cutNetwork();
  const calls: (() => Promise<unknown>)[] = [
    () => strategy.check(context, current),
    () => strategy.create(context, current),
    () => strategy.set(context, values),
    () => strategy.test(context, values),
    () => strategy.accepts(context, current),
    () => strategy.rollBack(context, previous ?? current, current),
    () => strategy.restore(context, previous ?? current, current),
  ];
  if (own) {
    const credential = site.credential(current);
    const unknown = madeUpLike(credential);
    calls.push(
      () => site.step("issue", async (at, steps) => steps.issue?.(at, credential)),
      () => site.step("set", async (at, steps) => steps.set?.(at, credential, credential)),
      () => site.step("test", (at, steps) => steps.test(at, unknown)),
      () => site.step("revoke", async (at, steps) => steps.revoke?.(at, unknown)),
      () => site.step("find", async (at, steps) => steps.find?.(at, [credential])),
      () => site.step("lastUsed", async (at, steps) => steps.lastUsed?.(at, credential)),
    );
  }
  const done = Promise.all(calls.map((call) => call().then(undefined, (error) => say(explained(error)))));
  await Promise.race([done, delay(failsWithinSeconds * 1000)]);
}

/** Revokes what is left of the test. What cannot be revoked stays. */
export async function clean(site: Site): Promise<void> {
  const { own } = site;
  if (!own?.steps.revoke || own.overlap === "one-live") return;
  const left = [...((await site.leftovers()) ?? []), ...(await site.known())];
  for (const one of left)
    await site.step("revoke", async (at, steps) => steps.revoke?.(at, one)).catch(() => undefined);
}
