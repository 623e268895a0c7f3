import type { Clause } from "../clause";
import { rotateOnce } from "../rotateOnce";

export const rotation: Clause = {
  name: "rotation",
  proves: "a secret without a value gets one, and its target accepts it",
  remedy: "see the step that failed; a RotatorError says more than other errors, whose text is not shown",
  needs: ["definition"],
  async judge(site) {
    await rotateOnce(site);
    await site.becomes((await site.values()).current, "accepted", "the new credential");
  },
};
