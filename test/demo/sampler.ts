import type { SampleLoad } from "../sampleService/load";

/** What the load had counted at one moment, since its start. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly sent: number;
  readonly failed: number;
}

const everyMs = 500;

/** Asks a load again and again how far it is. */
export class Sampler {
  readonly samples: Sample[] = [];
  readonly #load: SampleLoad;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(load: SampleLoad) {
    this.#load = load;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
    }, everyMs);
  }

  /** @throws {Error} when the load has ended */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const { endedAt, total } = await this.#load.snapshot();
    this.samples.push({ atMs: endedAt.getTime(), sent: total.sent, failed: total.failed });
  }
}
