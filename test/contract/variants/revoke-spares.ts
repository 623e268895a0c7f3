import { acme, steps } from "../acme";

/** Ends every key of the account. */
export default acme({
  async revoke(at) {
    for (const one of (await steps.find?.(at, [])) ?? []) await steps.revoke?.(at, one);
  },
});
