import { setFlagsFromString } from "node:v8";
import { loadBundled } from "./bundled";
import { exitWith } from "./exitWith";

// The heap may grow by so many percent before it is collected. By default it is a multiple where there is memory, and a run of 500
// secrets takes 0.9 GB in place of 0.7.
setFlagsFromString("--heap-growing-percent=60");
loadBundled();
// Loaded after that: an import would be before it.
const { main } = require("./cli") as typeof import("./cli");

// At once: connections that are kept alive, and gates that still wait after an interruption, would hold the process back.
void main(process.argv.slice(2)).then(exitWith);
