/** A person or a CI runner asks a run to end. */
export class Interruption {
  private asked = false;
  private readonly controller = new AbortController();

  /** Aborted when the engine has to be told; it then records the step under way and ends. */
  readonly engine: AbortSignal = this.controller.signal;

  /** @param engineKnows  a terminal's Ctrl-C reaches the engine by itself; a second one would end it before it has recorded */
  ask({ engineKnows }: { engineKnows: boolean }): void {
    this.asked = true;
    if (!engineKnows) this.controller.abort();
  }

  /** @throws {InterruptedError} */
  throwIfAsked(): void {
    if (this.asked) throw new InterruptedError();
  }
}

export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor() {
    super("interrupted. Nothing is lost: the same command again goes on where this one stopped");
  }
}
