import type { Clause } from "../clause";
import { nothingToRevoke } from "./revoke";

export const spares: Clause = {
  name: "revoke spares",
  proves: "revoking the older credential leaves the current one accepted",
  remedy: "have revoke name the one credential that it is given, never all of an account",
  needs: ["revoke"],
  notFor: nothingToRevoke,
  async judge(site) {
    await site.becomes(
      (await site.values()).current,
      "accepted",
      "the current credential, once the older one was revoked,",
    );
  },
};
