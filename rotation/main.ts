import { enableCompileCache } from "node:module";

// Before anything large is loaded: compiled once, the libraries load twice as fast in the next run.
enableCompileCache();

const { main } = require("./cli") as typeof import("./cli");

// At once: connections that are kept alive, and gates that still wait after an interruption, would hold the process back.
void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
