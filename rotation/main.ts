import { main } from "./cli";

// At once: connections that are kept alive, and gates that still wait after an interruption, would hold the process back.
void main(process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
