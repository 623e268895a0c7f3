import { AsyncLocalStorage } from "node:async_hooks";

/** What a piece of work needs, by any names: alone, or beside others that share it. */
export interface Needs {
  readonly exclusive?: readonly string[];
  readonly shared?: readonly string[];
}

interface Request extends Required<Needs> {
  readonly begin: () => void;
}

/**
 * Readers-writer locks within this process. All that a piece of work needs is given to it at once and in the order of
 * asking, so that nobody holds one lock and waits for another: there is no deadlock, and nobody waits for ever.
 *
 * Work within work that has the lock already goes on at once. It never waits for more than it has: that could deadlock.
 */
export class Locks {
  private readonly held = new Set<Request>();
  private readonly waiting = new Set<Request>();
  private readonly within = new AsyncLocalStorage<true>();

  async hold<T>({ exclusive = [], shared = [] }: Needs, work: () => Promise<T>): Promise<T> {
    if (this.within.getStore()) return work();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const request: Request = { exclusive, shared, begin };
    this.waiting.add(request);
    this.grant();
    await begun;
    try {
      return await this.within.run(true, work);
    } finally {
      this.held.delete(request);
      this.grant();
    }
  }

  /** Begins what nothing before it stands in the way of. */
  private grant(): void {
    const before = [...this.held];
    for (const request of this.waiting) {
      if (!before.some((other) => conflict(request, other))) {
        this.waiting.delete(request);
        this.held.add(request);
        request.begin();
      }
      before.push(request);
    }
  }
}

function conflict(one: Request, other: Request): boolean {
  return (
    one.exclusive.some((name) => other.exclusive.includes(name) || other.shared.includes(name)) ||
    one.shared.some((name) => other.exclusive.includes(name))
  );
}
