import { setFlagsFromString } from "node:v8";
import { loadBundled } from "./bundled";
import { exitWith } from "./exitWith";

// V8 collects the heap when it has grown by this share. By default it lets it grow more where a machine has much memory. A run of 250
// secrets took 814 MB by default, and 528 MB so, for no more CPU time than runs differ in anyway.
setFlagsFromString("--heap-growing-percent=60");
loadBundled();
// Loaded after that: an import would be before it.
const { main } = require("./cli") as typeof import("./cli");

// At once: connections that are kept alive, and gates that still wait after an interruption, would hold the process back.
void main(process.argv.slice(2)).then(exitWith);
