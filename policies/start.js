// What Pulumi runs: the pack, by the fast way to run TypeScript.
// Again, where NODE_OPTIONS has loaded it before: Pulumi's runner has put its own since.
require("./typescript").register();
const { flushCompileCache } = require("node:module");
require("./index");
// The engine ends a pack by a signal, at which Node would keep nothing. (Node 20 has no such cache.)
flushCompileCache?.();
