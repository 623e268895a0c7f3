// `npm run demo [-- --once]`: rotates every secret of the development stack under load, and shows what happened.
import "../sandbox/runtime";
import { parseArgs } from "node:util";
import { demo } from "./demo";

const usage = "usage: npm run demo [-- --once]   (--once: end after the summary instead of keeping the sandbox)";

function parse(): { once: boolean } | undefined {
  try {
    const { values } = parseArgs({ options: { once: { type: "boolean", default: false } } });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = parse();
  if (!options) return 2;
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
  try {
    return await demo({ ...options, signal: interrupted.signal, say: (line) => console.log(line) });
  } catch (error) {
    if (interrupted.signal.aborted) console.error("interrupted; everything that was started has ended");
    else console.error((error as Error).message);
    return interrupted.signal.aborted ? 130 : 1;
  }
}

void main().then((exitCode) => process.exit(exitCode));
