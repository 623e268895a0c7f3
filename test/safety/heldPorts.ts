import { AsyncLocalStorage } from "node:async_hooks";
import type { Observer } from "../../rotation/observer";
import type { Ports } from "../../rotation/ports";
import type { Session } from "../../rotation/ports/postgres";
import type { Step } from "../../rotation/steps";
import type { Point, When } from "./points";

/** What a rotation is handed. */
interface Handed {
  readonly ports: Ports;
  readonly observer: Observer;
}

interface Barrier {
  /** Names of the secrets that have to arrive; no other one is held. */
  readonly coming: ReadonlySet<string>;
  /** Called when they have. */
  readonly tell: () => void;
  /** Lets go of the secrets that are held in calls. */
  readonly released: Promise<void>;
}

type Call = (...args: unknown[]) => Promise<unknown>;

/** Ports and observer that hold every secret at a point; those of a point that a proxy holds are as they were. */
export function heldAt({ step: heldStep, held }: Point, real: Handed, { coming, tell, released }: Barrier): Handed {
  const arrived = new Set<string>();
  const arrive = (secret: string): boolean => {
    const isLast = !arrived.has(secret) && arrived.add(secret).size === coming.size;
    if (isLast) tell();
    return isLast;
  };
  // The driver says which step of which secret begins, and calls the ports from there on.
  const current = new AsyncLocalStorage<{ secret: string; step: Step }>();
  const mark = (which: "started" | "ended", secret: string, step: Step) => {
    if (!("mark" in held) || held.mark !== which || step !== heldStep) return;
    if (!coming.has(secret) || !arrive(secret)) return;
    // Not one instruction more: the process is killed here.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const hold = async (call: string, when: When) => {
    const at = current.getStore();
    if (!at || !coming.has(at.secret) || !("call" in held) || !isHeld(at.step, call, when)) return;
    arrive(at.secret);
    await released;
  };
  const isHeld = (step: Step, call: string, when: When): boolean => {
    if (!("call" in held)) return false;
    if (step === heldStep && call === held.call && when === held.when) return true;
    // A strategy that has no such call does nothing between its value's creation and this.
    const waits = heldStep === "set" || heldStep === "test";
    return waits && step === "finish" && call === "secretsManager.moveCurrent" && when === "before";
  };
  const wrapped = <T extends object>(port: string, calls: () => T): T =>
    new Proxy({} as T, {
      get: (_, name) => {
        const call = calls()[name as keyof T] as Call;
        return async (...args: unknown[]) => {
          await hold(`${port}.${String(name)}`, "before");
          const watched = watchedForCommit(args);
          const result = await call(...watched.args);
          await hold(`${port}.${String(name)}`, "after");
          if (watched.committed()) await hold(`${port}.commit`, "after");
          return result;
        };
      },
    });
  return {
    observer: {
      stepStarted(secret, step) {
        current.enterWith({ secret, step });
        mark("started", secret, step);
      },
      stepEnded: (secret, step) => mark("ended", secret, step),
    },
    ports: {
      ...real.ports,
      secretsManager: wrapped("secretsManager", () => real.ports.secretsManager),
      postgres: wrapped("postgres", () => real.ports.postgres),
      kubernetes: wrapped("kubernetes", () => real.ports.kubernetes),
    },
  };
}

/** Of a call that hands a session to its work: whether that commits something. */
function watchedForCommit(args: unknown[]): { args: unknown[]; committed: () => boolean } {
  let committed = false;
  const watched = args.map((arg) =>
    typeof arg !== "function"
      ? arg
      : (session: Session) =>
          arg({
            query: async (sql: string, parameters?: readonly unknown[]) => {
              const rows = await session.query(sql, parameters);
              committed ||= sql === "COMMIT";
              return rows;
            },
          }),
  );
  return { args: watched, committed: () => committed };
}
