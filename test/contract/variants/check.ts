import { acme, ask } from "../acme";

/** Leaves a key at the issuer. */
export default acme({
  async check(at) {
    await ask(at, "POST", "/keys");
  },
});
