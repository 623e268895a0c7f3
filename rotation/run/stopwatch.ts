import type { Observer } from "../observer";
import { type Step, steps } from "../steps";

/** An observer that remembers how long each step of each secret took. */
export class Stopwatch implements Observer {
  /** A step may be under way several times at once (a rollout of each workload): it lasts from the first to the last. */
  private readonly open = new Map<string, { startMs: number; count: number }>();
  private readonly taken = new Map<string, Map<Step, number>>();
  private readonly begun = new Map<string, Map<Step, number>>();
  private readonly zeroMs: number;

  /** @param nowMs  milliseconds of a clock that never goes back */
  constructor(
    private readonly next: Observer,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.zeroMs = nowMs();
  }

  stepStarted(secret: string, step: Step): void {
    const open = this.open.get(`${secret} ${step}`);
    if (open) open.count += 1;
    else {
      const startMs = this.nowMs();
      this.open.set(`${secret} ${step}`, { startMs, count: 1 });
      const begun = this.begun.get(secret) ?? new Map<Step, number>();
      if (!begun.has(step)) begun.set(step, (startMs - this.zeroMs) / 1000);
      this.begun.set(secret, begun);
      this.next.stepStarted(secret, step);
    }
  }

  stepEnded(secret: string, step: Step, error?: Error): void {
    const open = this.open.get(`${secret} ${step}`);
    if (!open) return;
    open.count -= 1;
    if (open.count > 0) return;
    this.open.delete(`${secret} ${step}`);
    const times = this.taken.get(secret) ?? new Map<Step, number>();
    // A step that a second update of the same run repeats counts with both its times.
    times.set(step, (times.get(step) ?? 0) + (this.nowMs() - open.startMs) / 1000);
    this.taken.set(secret, times);
    this.next.stepEnded(secret, step, error);
  }

  /** Seconds by step, in the steps' order. */
  seconds(secret: string): Partial<Record<Step, number>> {
    return inOrder(this.taken.get(secret));
  }

  /** By step, when it first began: seconds since this was made. */
  starts(secret: string): Partial<Record<Step, number>> {
    return inOrder(this.begun.get(secret));
  }
}

function inOrder(times: ReadonlyMap<Step, number> | undefined): Partial<Record<Step, number>> {
  return Object.fromEntries(steps.flatMap((step) => (times?.has(step) ? [[step, times.get(step)]] : [])));
}
