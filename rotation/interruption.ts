/** A person or a CI runner asks a run to end. */
export class Interruption {
  private tell: (() => void) | undefined;
  private readonly controller = new AbortController();
  private readonly askedFor = new AbortController();

  /** Aborted when the engine has to be told; it then records the step under way and ends. */
  readonly engine: AbortSignal = this.controller.signal;

  /** Aborted when the run is to end, whoever tells the engine. */
  readonly signal: AbortSignal = this.askedFor.signal;

  /** @param tell  says to whoever asked that the run is being ended */
  async during<T>(tell: () => void, run: () => Promise<T>): Promise<T> {
    this.tell = tell;
    return run().finally(() => {
      this.tell = undefined;
    });
  }

  /**
   * @param engineKnows  a terminal's Ctrl-C reaches the engine by itself; a second one would end it before it has recorded
   * @returns false when no run is under way that has to be ended in order
   */
  ask({ engineKnows }: { engineKnows: boolean }): boolean {
    this.askedFor.abort();
    if (!engineKnows) this.controller.abort();
    this.tell?.();
    return this.tell !== undefined;
  }

  get isAsked(): boolean {
    return this.askedFor.signal.aborted;
  }

  /** @throws {InterruptedError} */
  throwIfAsked(): void {
    if (this.isAsked) throw new InterruptedError();
  }
}

export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor() {
    super("interrupted: the same command again goes on where this one stopped");
  }
}
