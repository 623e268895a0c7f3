// `npm run sandbox:down`: stops the sandbox that `npm run sandbox` has started from another shell.
import "./runtime";
import { optionsOf } from "./commandLine";
import { stopSandbox } from "./down";
import { sandboxDirectory } from "./paths";

optionsOf("usage: npm run sandbox:down", {});
const dir = sandboxDirectory();
stopSandbox(dir).then(
  (stopped) => console.log(stopped ? `The sandbox in ${dir} is stopped.` : `No sandbox runs in ${dir}.`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
