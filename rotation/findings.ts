/**
 * What the checks of one secret have found out and do not refuse: for the dry run, and for the result of a run. It never
 * quotes a value.
 */
export class Findings {
  readonly #facts = new Set<string>();
  readonly #warnings = new Set<string>();

  /** Notes what was checked and is as it should be, as a sentence without a full stop: "the probe passes as orders_a". */
  fact(text: string): void {
    this.#facts.add(text);
  }

  /** Notes what could not be found out, and is not claimed: it is shown with the facts. */
  unknown(text: string): void {
    this.#facts.add(`unknown: ${text}`);
  }

  /** Notes what the rotation can be done with, and what somebody should look at before long. Says what to do, too. */
  warn(text: string): void {
    this.#warnings.add(text);
  }

  get facts(): readonly string[] {
    return [...this.#facts];
  }
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }
}
