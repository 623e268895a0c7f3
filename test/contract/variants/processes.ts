import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { acme, verdictOn } from "../acme";

/** Hands the key to a command. */
export default acme({
  async test(at, { key = "" }) {
    await promisify(execFile)("true", [key]);
    return verdictOn(at, key);
  },
});
