import { RotatorError } from "../../../rotation/rotators/own/steps";
import { acme, steps } from "../acme";

let checked = false;

/** Remembers from one step to the next. */
export default acme({
  async check() {
    checked = true;
  },
  async revoke(at, credential) {
    if (!checked) throw new RotatorError("was not checked before");
    await steps.revoke?.(at, credential);
  },
});
