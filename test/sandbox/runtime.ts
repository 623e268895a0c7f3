// Imported before everything else: some libraries do not even load in an older Node, and do not say why.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheDirectory } from "./tools/cacheDirectory";

const oldest = 22;

if (Number(process.versions.node.split(".")[0]) < oldest) {
  console.error(
    `This needs Node ${oldest} or newer and runs in ${process.version}. \`npm run\` uses the one from node_modules; for a command of your own, put node_modules/.bin first on PATH.`,
  );
  process.exit(2);
}

/** For child processes that are written in TypeScript: the big libraries load in half the time from compiled code. */
export const runtimeEnvironment = { NODE_COMPILE_CACHE: join(cacheDirectory(), "node-compile-cache") } as const;

enableCompileCache(runtimeEnvironment.NODE_COMPILE_CACHE);
