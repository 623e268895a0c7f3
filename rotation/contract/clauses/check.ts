import { isDeepStrictEqual } from "node:util";
import type { Clause } from "../clause";
import { Broken } from "../verdict";

export const check: Clause = {
  name: "check",
  proves: "check changes nothing",
  remedy: "move what writes into issue, create or set: check runs for a dry run too",
  needs: ["rotation"],
  async judge(site) {
    const look = async () => ({
      values: await site.values(),
      live: (await site.found()).live.stages,
      leftovers: new Set((await site.leftovers())?.map((one) => JSON.stringify(one))),
    });
    const before = await look();
    const { context } = await site.found();
    for (let times = 0; times < 2; times++) await site.strategy.check(context, before.values.current);
    const after = await look();
    if (!isDeepStrictEqual(before, after)) throw new Broken("after check the issuer has other credentials than before");
    await site.becomes(after.values.current, "accepted", "after check the current credential");
  },
};
