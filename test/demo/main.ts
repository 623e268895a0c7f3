// `npm run demo [-- --once]`: rotates every secret of the development stack under load, and shows what happened.
import "../sandbox/runtime";
import { optionsOf } from "../sandbox/commandLine";
import { demo } from "./demo";

const usage = "usage: npm run demo [-- --once]   (--once: end after the summary instead of keeping the sandbox)";

async function main(): Promise<number> {
  const { once } = optionsOf(usage, { once: { type: "boolean", default: false } });
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort());
  try {
    return await demo({ once, signal: interrupted.signal, say: (line) => console.log(line) });
  } catch (error) {
    if (interrupted.signal.aborted) console.error("interrupted; everything that was started has ended");
    else console.error((error as Error).message);
    return interrupted.signal.aborted ? 130 : 1;
  }
}

void main().then((exitCode) => process.exit(exitCode));
