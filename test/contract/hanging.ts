import { spawn } from "node:child_process";
import { acme } from "./acme";

/** Its issue never ends, nor does the process that it starts. */
export default acme({
  issue: () => {
    spawn("sleep", ["1000"]);
    return new Promise(() => undefined);
  },
});
