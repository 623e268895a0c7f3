import { Stand } from "../demo/stand";

/** The stand that benchmarks share: the repository's own development stack, in a sandbox of its own. */
export class SharedStand {
  readonly #say: (line: string) => void;
  #opened: Promise<Stand> | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @param signal of the benchmark that asks; interrupts the commands that it runs */
  async open(signal: AbortSignal): Promise<Stand> {
    if (!this.#opened) this.#say("starting a sandbox, deploying the development stack and the sample services");
    this.#opened ??= Stand.populated({ signal });
    const stand = await this.#opened;
    stand.signal = signal;
    return stand;
  }

  /** Ends it; the next one that asks gets a new one. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.stop();
  }
}
