import { rmSync } from "node:fs";
import { Stand } from "../demo/stand";
import { ownProject, writeSettings } from "./ownProject";

const stack = "dev";

/** The stand that benchmarks share: the repository's own development stack with a key in KMS, in a sandbox of its own. */
export class SharedStand {
  readonly #say: (line: string) => void;
  #opened: Promise<Stand> | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @param signal of the benchmark that asks; interrupts the commands that it runs */
  async open(signal: AbortSignal): Promise<Stand> {
    if (!this.#opened) this.#say("starting a sandbox, deploying the development stack and the sample services");
    this.#opened ??= this.#populated(signal);
    const stand = await this.#opened;
    stand.signal = signal;
    return stand;
  }

  /** Ends it; the next one that asks gets a new one. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    const stand = await opened?.catch(() => undefined);
    await stand?.stop();
    if (stand) rmSync(stand.project, { recursive: true, force: true });
  }

  async #populated(signal: AbortSignal): Promise<Stand> {
    const project = ownProject();
    writeSettings(project, stack);
    return Stand.populated({ project, stack, signal }).catch((error: unknown) => {
      rmSync(project, { recursive: true, force: true });
      throw error;
    });
  }
}
