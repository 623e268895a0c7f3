/** A fault that is in force. */
export interface ActiveFault {
  /** How many requests it has met so far. */
  readonly met: number;
  /** Resolves when its first request is where the fault leaves it, e.g. held, or done by the server. */
  readonly reached: Promise<void>;
  /** Requests pass again from now on, and those that it holds go on. */
  end(): void;
}

interface Rule<Request, Fault> {
  readonly matches: (request: Request) => boolean;
  readonly fault: Fault;
  readonly ended: Promise<void>;
  readonly reached: () => void;
  take(): boolean;
}

/** Which requests meet which fault: of those that match, the one that was added first and is not used up. */
export class FaultRules<Request, Fault> {
  readonly #rules = new Set<Rule<Request, Fault>>();
  readonly #active = new Set<ActiveFault>();

  /** @param times  after so many requests it lets all others pass */
  add(matches: (request: Request) => boolean, fault: Fault, times: number): ActiveFault {
    const [reached, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let met = 0;
    const rule: Rule<Request, Fault> = {
      matches,
      fault,
      ended: ended.promise,
      reached: reached.resolve,
      take() {
        if (met >= times) return false;
        met += 1;
        return true;
      },
    };
    const active: ActiveFault = {
      get met() {
        return met;
      },
      reached: reached.promise,
      end: () => {
        this.#rules.delete(rule);
        this.#active.delete(active);
        ended.resolve();
      },
    };
    this.#rules.add(rule);
    this.#active.add(active);
    return active;
  }

  /** The fault that a request meets, when it ends, and to whom to say that it is reached; undefined: the request passes. */
  meet(request: Request): Pick<Rule<Request, Fault>, "fault" | "ended" | "reached"> | undefined {
    return [...this.#rules].find((rule) => rule.matches(request) && rule.take());
  }

  endAll(): void {
    for (const active of this.#active) active.end();
  }
}
