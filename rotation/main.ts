import { loadBundled } from "./bundled";
import { exitWith } from "./exitWith";

loadBundled();
// Loaded after that: an import would be before it.
const { main } = require("./cli") as typeof import("./cli");

// At once: connections that are kept alive, and gates that still wait after an interruption, would hold the process back.
void main(process.argv.slice(2)).then(exitWith);
