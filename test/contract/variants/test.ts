import { RotatorError } from "../../../rotation/rotators/own/steps";
import { acme, verdictOn } from "../acme";

/** Takes a refusal for an error. */
export default acme({
  async test(at, { key }) {
    if ((await verdictOn(at, key)) === "accepted") return "accepted";
    throw new RotatorError("is answered 401");
  },
});
