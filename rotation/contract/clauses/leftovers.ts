import type { Clause } from "../clause";
import { Broken } from "../verdict";
import { nothingToRevoke } from "./revoke";

export const leftovers: Clause = {
  name: "leftovers",
  proves: "what an interrupted issue has made is taken, or revoked, by the next one",
  remedy:
    "have find give every credential that was issued for this secret and is not known, e.g. by a label with the secret's name",
  needs: ["find", "revoke", "revoke spares", "revoke again"],
  notFor: (site) =>
    site.own?.steps.issue ? nothingToRevoke(site) : "nothing outside knows a new value before it is stored",
  async judge(site) {
    const { current } = await site.values();
    const { context } = await site.found();
    const [left, next] = [await site.strategy.create(context, current), await site.strategy.create(context, current)];
    if (left !== next) await site.becomes(left, "refused", "a credential that an interrupted issue has made");
    const others = (await site.leftovers(site.credential(next))) ?? [];
    if (others.length > 0) throw new Broken(`find still gives ${others.length} that nothing has`);
    await site.becomes(current, "accepted", "after that the current credential");
  },
};
