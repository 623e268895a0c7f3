import { z } from "zod";
import type { Clause } from "../clause";
import { madeUpLike } from "../madeUp";
import type { Site } from "../site";
import { Broken } from "../verdict";

export const test: Clause = {
  name: "test",
  proves: "test tells a credential that is accepted from a made-up one, which is refused without an error",
  remedy:
    "have test return refused for what its target answers to a wrong credential (401, say), and throw for anything else",
  needs: ["rotation"],
  notFor: ({ strategy }) =>
    strategy.overlap === "consumers-only" ? "nothing outside accepts such a value" : undefined,
  async judge(site) {
    const { current } = await site.values();
    const { own, strategy } = site;
    if (!(await site.accepts(current))) throw new Broken("the current credential is refused");
    const isAccepted = own
      ? (await site.step("test", (at, steps) => steps.test(at, madeUpLike(site.credential(current))))) !== "refused"
      : await strategy.accepts((await site.found()).context, await madeUp(site, current));
    if (isAccepted) throw new Broken("a made-up credential is not refused");
  },
};

/** What nobody was told of. A certificate is accepted as soon as it is signed: of it the letters are changed. */
async function madeUp({ strategy, found }: Site, current: string): Promise<string> {
  if (strategy.overlap === "expiring")
    return JSON.stringify(madeUpLike(z.record(z.string(), z.string()).parse(JSON.parse(current))));
  return strategy.create((await found()).context, current);
}
