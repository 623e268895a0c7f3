import type { Clause } from "../clause";
import { rotateOnce } from "../rotateOnce";
import { Broken } from "../verdict";

export const repeated: Clause = {
  name: "repeated",
  proves: "set and test do the same when they run again for one version, and create changes nothing outside",
  remedy: "have each step look first whether it is done: a rotation that was killed runs it again",
  needs: ["rotation", "overlap"],
  async judge(site) {
    const { own, strategy } = site;
    if (strategy.overlap === "consumers-only") await rotateOnce(site);
    const { current: pending, previous: current } = await site.values();
    const { context } = await site.found();
    const values = { pending, current, previous: undefined };
    for (let times = 0; times < 2; times++) {
      if (own?.steps.set) {
        const before = current === undefined ? undefined : site.credential(current);
        await site.step("set", async (at, steps) => steps.set?.(at, site.credential(pending), before));
      }
      await strategy.set(context, values);
      await strategy.test(context, values);
    }
    if (!own?.steps.issue) {
      const [one, other] = [await strategy.create(context, pending), await strategy.create(context, pending)];
      if (one === other) throw new Broken("create makes the same value twice");
      // A certificate is accepted as soon as it is signed.
      const isRefused = strategy.overlap !== "consumers-only" && (own || strategy.overlap !== "expiring");
      if (isRefused) await site.becomes(one, "refused", "what create alone made");
    }
    await site.becomes(pending, "accepted", "the current credential, once each step was repeated,");
  },
};
