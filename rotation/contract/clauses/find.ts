import type { Clause } from "../clause";
import { Broken } from "../verdict";

export const find: Clause = {
  name: "find",
  proves: "find gives no credential that is known, and changes nothing",
  remedy: "leave out of find whatever is in its second argument: what it gives is revoked, or taken for new",
  needs: ["rotation"],
  notFor: ({ own }) => (own?.steps.find ? undefined : "it has no find"),
  async judge(site) {
    const known = await site.known();
    const found = (await site.leftovers()) ?? [];
    const isKnown = (one: (typeof found)[number]) =>
      known.some((other) => Object.entries(other).every(([name, value]) => (one[name] ?? value) === value));
    if (found.some(isKnown)) throw new Broken("find gives a credential that Secrets Manager has");
    await site.becomes((await site.values()).current, "accepted", "after find the current credential");
  },
};
