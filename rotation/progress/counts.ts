import { failureOf } from "../failureOf";
import type { Observer } from "../observer";
import { type Step, steps } from "../steps";

/** From so many secrets on, a line for each of them is more than anybody reads. */
export const manySecrets = 20;

/** How far a run over many secrets is. */
export class Counts implements Observer {
  readonly #total: number;
  /** By secret: the steps that are under way. */
  readonly #now = new Map<string, Set<Step>>();
  readonly #done = new Set<string>();
  /** By secret: what its first failure says. */
  readonly failures = new Map<string, string>();

  constructor(total: number) {
    this.#total = total;
  }

  stepStarted(secret: string, step: Step): void {
    const now = this.#now.get(secret) ?? new Set();
    this.#now.set(secret, now.add(step));
  }

  stepEnded(secret: string, step: Step, error?: Error): void {
    this.#now.get(secret)?.delete(step);
    if (error && !this.failures.has(secret)) this.failures.set(secret, failureOf(error, { secret, step }).message);
    if (!error && step === "settle") this.#done.add(secret);
  }

  /** E.g. `120 of 500 done, 2 failed; 12 set, 30 rollout`. */
  toString(): string {
    const done = [...this.#done].filter((secret) => !this.failures.has(secret)).length;
    const failed = this.failures.size > 0 ? `, ${this.failures.size} failed` : "";
    const now = steps.flatMap((step) => {
      const count = [...this.#now.values()].filter((under) => under.has(step)).length;
      return count > 0 ? [`${count} ${step}`] : [];
    });
    return [`${done} of ${this.#total} done${failed}`, ...(now.length > 0 ? [now.join(", ")] : [])].join("; ");
  }

  /** From 0 to 1: of a run whose secrets have several steps each, those that are over. */
  get share(): number {
    return new Set([...this.#done, ...this.failures.keys()]).size / Math.max(this.#total, 1);
  }
}
