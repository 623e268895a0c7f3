import type { Observer } from "../observer";
import type { RunResult } from "../result";

/** Follows one run as an observer, and sends its trace at the end. */
export interface RunTrace extends Observer {
  /** @returns why it was not sent, with what to do; undefined: it was. Never throws. */
  ended(run: RunResult | undefined, error?: unknown): Promise<string | undefined>;
}

/** What the trace says of the run besides its steps. */
export interface Traced {
  readonly environment: string;
  readonly stack: string;
}
