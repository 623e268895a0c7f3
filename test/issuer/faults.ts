export type Operation = "create" | "list" | "delete" | "verify" | "verbs";

export interface Fault {
  readonly operation: Operation;
  /**
   * A number: this status. `silent`: no answer. `lost`: it is done, and the answer is lost. `html`: a page in place of JSON.
   * `sameKey`: the newest key once more. `noId`: the new key without its id. `late`: accepted only after `seconds`.
   */
  readonly fault: 500 | 429 | "silent" | "lost" | "html" | "sameKey" | "noId" | "late";
  /** How often; default: until `DELETE /faults`. */
  readonly times?: number;
  readonly seconds?: number;
}

/** What goes wrong at the issuer, on demand. */
export class Faults {
  #all: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#all.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#all = [];
  }

  /** The first one for this operation, which then counts as had. */
  take(operation: Operation): Fault | undefined {
    const found = this.#all.find(({ fault, left }) => fault.operation === operation && left > 0);
    if (found) found.left--;
    return found?.fault;
  }
}
