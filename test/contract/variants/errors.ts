import { RotatorError } from "../../../rotation/rotators/own/steps";
import { acme, verdictOn } from "../acme";

/** Says the key where the issuer is not reached. */
export default acme({
  test: (at, { key = "" }) =>
    verdictOn(at, key).catch(() => {
      throw new RotatorError(`cannot ask whether ${key} is accepted`);
    }),
});
