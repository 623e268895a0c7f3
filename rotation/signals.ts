import { exitCodes } from "./errors";
import type { Interruption } from "./interruption";

/** npm hands a Ctrl-C on to what it runs, which the terminal has told already. */
const sameMs = 1000;

/**
 * Has SIGINT and SIGTERM end the run in order; where none is under way, and when asked again, the process ends at once.
 *
 * @returns ends the listening
 */
export function interruptOnSignals(interruption: Interruption): () => void {
  let askedMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (askedMs !== undefined && performance.now() - askedMs < sameMs) return;
    const again = askedMs !== undefined;
    askedMs ??= performance.now();
    const engineKnows = signal === "SIGINT" && process.stdin.isTTY;
    if (!again && interruption.ask({ engineKnows })) return;
    process.exit(exitCodes.interrupted);
  };
  // Not once: a signal with no other listener than the live list's would end the process.
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
}
