import { acme, verdictOn } from "../acme";

/** Logs the key. */
export default acme({
  async test(at, { key = "" }) {
    console.log(`tests ${key}`);
    return verdictOn(at, key);
  },
});
