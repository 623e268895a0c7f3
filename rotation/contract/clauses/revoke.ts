import type { Clause } from "../clause";
import { retireOlder } from "../rotateOnce";
import type { Site } from "../site";
import { Broken } from "../verdict";

export const nothingToRevoke = ({ strategy, own }: Site) =>
  strategy.overlap === "consumers-only"
    ? "nothing outside accepts such a value"
    : strategy.overlap === "expiring" && !own?.steps.revoke
      ? "each credential is valid until it expires"
      : undefined;

export const revoke: Clause = {
  name: "revoke",
  proves: "the older credential is refused once it was revoked",
  remedy: "have revoke end it at its issuer, and wait until it is ended",
  needs: ["test", "overlap", "repeated"],
  notFor: nothingToRevoke,
  async judge(site) {
    const older = await retireOlder(site);
    if (older === undefined) throw new Broken("there was nothing to revoke");
    await site.becomes(older, "refused", "the older credential");
  },
};
