import { InterruptedError } from "../interruption";

export interface AdmissionOptions {
  /** Secrets that may be under way at once, from their version to the restart of their workloads; a larger group goes alone. */
  readonly atOnce: number;
  /** How long a group holds up others at most, in seconds: External Secrets may not follow, or a workload be refused. */
  readonly holdSeconds: number;
  /** Aborted when the run is to end: whoever waits then is not admitted. */
  readonly asked: AbortSignal;
}

interface Group {
  readonly size: number;
  /** Those whose workloads have not been told of the new version. */
  readonly left: Set<string>;
  /** `done`: it holds up nobody any more. */
  state: "ahead" | "admitted" | "done";
  readonly admitted: Promise<void>;
  readonly admit: () => void;
  timer?: NodeJS.Timeout;
}

/**
 * Admits the secrets of one update group by group: the workloads of one are restarted before many others are written. So the time
 * from a secret's `set` to its rollout, and what a kill leaves between the two, do not grow with the run. The engine is the reason:
 * it writes the whole state after each of its steps, one after the other, and so every step waits for those before it.
 */
export class Admission {
  readonly #groups: readonly Group[];
  readonly #of = new Map<string, Group>();
  readonly #waiting = new Set<Group>();
  /** Rejected when the run is to end. */
  readonly #interrupted: Promise<never>;
  #underWay = 0;

  /** @param groups  names of secrets that share workloads, in the order in which they are to be admitted */
  constructor(
    groups: readonly (readonly string[])[],
    private readonly options: AdmissionOptions,
  ) {
    this.#groups = groups.map((names) => {
      const { promise: admitted, resolve: admit } = Promise.withResolvers<void>();
      const group: Group = { size: names.length, left: new Set(names), state: "ahead", admitted, admit };
      for (const name of names) this.#of.set(name, group);
      return group;
    });
    const { promise, reject } = Promise.withResolvers<never>();
    this.#interrupted = promise;
    // Nobody may wait then.
    promise.catch(() => undefined);
    options.asked.addEventListener("abort", () => reject(new InterruptedError()), { once: true });
  }

  /**
   * Waits for the secret's turn. One that is in no group does not wait.
   *
   * @throws {InterruptedError} when the run is to end
   */
  async enter(name: string): Promise<void> {
    if (this.options.asked.aborted) throw new InterruptedError();
    const group = this.#of.get(name);
    if (group?.state !== "ahead") return;
    this.#waiting.add(group);
    this.#admitNext();
    await Promise.race([group.admitted, this.#interrupted]);
  }

  /** The secret's workloads have been told of its version. */
  leave(name: string): void {
    const group = this.#of.get(name);
    if (group?.left.delete(name) && group.left.size === 0) this.#release(group);
  }

  /** The secret has failed: the engine leaves out what depends on it, so that its group will not be whole. */
  fail(name: string): void {
    const group = this.#of.get(name);
    if (group) this.#release(group);
  }

  #admitNext(): void {
    const { atOnce, holdSeconds } = this.options;
    for (const group of this.#groups.filter((one) => this.#waiting.has(one))) {
      if (this.#underWay > 0 && this.#underWay + group.size > atOnce) return;
      this.#waiting.delete(group);
      this.#underWay += group.size;
      group.state = "admitted";
      group.timer = setTimeout(() => this.#release(group), holdSeconds * 1000).unref();
      group.admit();
    }
  }

  #release(group: Group): void {
    const { state } = group;
    group.state = "done";
    group.admit();
    this.#waiting.delete(group);
    if (state !== "admitted") return;
    clearTimeout(group.timer);
    this.#underWay -= group.size;
    this.#admitNext();
  }
}
