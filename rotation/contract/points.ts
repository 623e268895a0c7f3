import { subscribe } from "node:diagnostics_channel";

/**
 * The moments at which the rotator's process may be killed: before its first call, and after each one. Between two calls
 * nothing happens, so that "after" one is "before" the next. The answer to a request is such a moment too: what was asked
 * is done, and the rotator does not know it yet.
 */
export class Points {
  #left: number | undefined;
  #isFirst = true;

  /** @param tell  is told of each point that is reached */
  constructor(private readonly tell: (point: string) => void) {
    // fetch, and node:http with what is built on it. A path may have a value in it.
    subscribe("undici:request:headers", (message) => this.#reach(`at the answer to ${methodIn(message)}`));
    subscribe("http.client.response.finish", (message) => this.#reach(`at the answer to ${methodIn(message)}`));
  }

  /** @param dieAt  the first point is 1 */
  arm(dieAt: number): void {
    this.#left = dieAt;
    this.#isFirst = true;
  }

  /** Runs one call between two points. */
  async around<T>(call: string, work: () => Promise<T>): Promise<T> {
    if (this.#isFirst) this.#reach(`before ${call}`);
    try {
      return await work();
    } finally {
      this.#reach(`after ${call}`);
    }
  }

  /** An object whose functions are calls. @param named  what one is called; undefined: it is not one */
  traced<T extends object>(object: T, named: (name: string) => string | undefined): T {
    // Beneath it, as what a frozen object itself has may not look otherwise.
    return new Proxy(Object.create(object) as T, {
      get: (_, property) => {
        const member: unknown = Reflect.get(object, property, object);
        const name = typeof property === "string" ? named(property) : undefined;
        if (typeof member !== "function" || name === undefined) return member;
        return (...args: unknown[]) => this.around(name, async () => member.apply(object, args));
      },
    });
  }

  #reach(point: string): void {
    if (this.#left === undefined) return;
    this.#isFirst = false;
    this.tell(point);
    this.#left -= 1;
    if (this.#left === 0) process.kill(process.pid, "SIGKILL");
  }
}

function methodIn(message: unknown): string {
  const { method } = (message as { request?: { method?: unknown } }).request ?? {};
  return typeof method === "string" ? method : "a request";
}
