import type { Clause } from "../clause";
import { rotateOnce } from "../rotateOnce";
import { Broken } from "../verdict";

export const rollback: Clause = {
  name: "rollback",
  proves:
    "a rollback brings the older credential back, and a backup of what is current is in use already, as the overlap says",
  remedy: "have set take a credential that was in use before, and test find it accepted until it is revoked",
  needs: ["repeated"],
  async judge(site) {
    const { strategy } = site;
    const { current: newer, previous: older } = await site.values();
    if (older === undefined) throw new Broken("there is no older version");
    const { context } = await site.found();
    if ((await strategy.restore(context, newer, newer)) !== undefined)
      throw new Broken("a backup of the current value would be written again");
    await rotateOnce(site, { back: true });
    await site.becomes((await site.values()).current, "accepted", "the credential that was brought back");
  },
};
