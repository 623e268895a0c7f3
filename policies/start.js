// What Pulumi runs: the pack, by the fast way to run TypeScript.
require("./typescript");
const { flushCompileCache } = require("node:module");
require("./index");
// The engine ends a pack by a signal, at which Node would keep nothing. (Node 20 has no such cache.)
flushCompileCache?.();
