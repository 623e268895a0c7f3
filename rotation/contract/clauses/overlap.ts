import type { Clause } from "../clause";
import { rotateOnce } from "../rotateOnce";

export const overlap: Clause = {
  name: "overlap",
  proves: "after a rotation the older credential is accepted or refused as the overlap says",
  remedy:
    "say the overlap that the target has: one-live where the new credential ends the older one, else two-live or expiring",
  needs: ["rotation", "check", "find"],
  notFor: ({ strategy }) =>
    strategy.overlap === "consumers-only" ? "nothing outside accepts such a value" : undefined,
  async judge(site) {
    const { current: older } = await site.values();
    await rotateOnce(site);
    await site.becomes((await site.values()).current, "accepted", "the new credential");
    const isOne = site.strategy.overlap === "one-live";
    const what = `with overlap ${site.strategy.overlap} the older credential`;
    await site.becomes(older, isOne ? "refused" : "accepted", what);
  },
};
