import { enableCompileCache } from "node:module";

// Before anything large is loaded: compiled once, the libraries load twice as fast in the next run.
enableCompileCache();

const { main } = require("./cli") as typeof import("./cli");

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
