import type { Clause } from "../clause";
import { madeUpLike } from "../madeUp";
import { nothingToRevoke } from "./revoke";

export const gone: Clause = {
  name: "revoke again",
  proves: "revoking what is gone, or was never there, is no error",
  remedy: "take what the issuer answers of an unknown credential (404, say) for done",
  needs: ["revoke"],
  notFor: (site) => (site.own && !site.own.steps.revoke ? "it has no revoke" : nothingToRevoke(site)),
  async judge(site) {
    const { own, strategy } = site;
    const { current, previous } = await site.values();
    if (!own || previous === undefined) {
      const { context } = await site.found(true);
      await strategy.retire(context, { pending: current, current: previous, previous: undefined }, undefined);
      return;
    }
    for (const one of [site.credential(previous), madeUpLike(site.credential(current))])
      await site.step("revoke", async (at, steps) => steps.revoke?.(at, one));
  },
};
