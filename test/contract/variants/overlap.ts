import { acme, steps } from "../acme";

/** The new key ends the older one. */
export default acme({
  async issue(at, current) {
    if (current) await steps.revoke?.(at, current);
    return (await steps.issue?.(at, current)) ?? {};
  },
});
