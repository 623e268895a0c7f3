import type { StackConfig } from "../../infra/config/stackConfig";
import { StackLockedError } from "../errors";
import { isAliveHere } from "./lock";
import { type LockHolder, lockHolders, locksIn } from "./lockHolder";

/** A run of a CI platform that may have taken a lock. */
export interface RemoteRun {
  readonly url: string;
  /** What the platform says of it. */
  readonly state: "running" | "ended" | "unknown";
  /** Why it is unknown. */
  readonly why?: string;
}

/** What is known of engines that ran elsewhere: a run of CI leaves a note of each of its own, where the next one can read it. */
export interface RemoteRuns {
  /** Notes that an engine of this run has this process id; it never throws. Undefined: this is no run of CI. */
  readonly noteEngine: ((pid: number) => Promise<void>) | undefined;
  /** The runs whose engine took this lock: one, unless process ids and times are alike. */
  holding(lock: LockHolder): Promise<readonly RemoteRun[]>;
  /** Of several drivers that see the same dead lock, one is to clear it. */
  claim(lock: LockHolder): Promise<boolean>;
}

/** Whether what holds the stack are engines of runs that the platform says have ended. The first one to ask is told so. */
export async function mayClearRemote(remote: RemoteRuns | undefined, message: string): Promise<boolean> {
  const locks = locksIn(message);
  if (!remote || !locks) return false;
  for (const lock of locks) {
    const runs = await remote.holding(lock);
    if (runs.length === 0 || runs.some(({ state }) => state !== "ended") || isAliveHere(lock)) return false;
  }
  const claimed = await Promise.all(locks.map((lock) => remote.claim(lock)));
  return claimed.every(Boolean);
}

/** Who holds the stack, for people. */
export async function describeHolders(remote: RemoteRuns | undefined, message: string): Promise<string[]> {
  return Promise.all(
    lockHolders(message).map(async (lock) => {
      const { user, host, pid, since } = lock;
      const runs = ((await remote?.holding(lock)) ?? []).map(({ url, state, why }) => {
        const says = { running: "in progress", ended: "ended", unknown: `whether it has ended is unknown: ${why}` };
        return `, by ${url}, ${says[state]}`;
      });
      return `${user}@${host}, process ${pid}, since ${since}${runs.join("")}`;
    }),
  );
}

/** That another update holds the stack, who that is, and what to do. @param message  the backend's error */
export async function lockedError(
  { config, remote }: { readonly config: StackConfig; readonly remote?: RemoteRuns | undefined },
  message: string,
): Promise<StackLockedError> {
  const { named } = config;
  const holders = await describeHolders(remote, message);
  const by = holders.length > 0 ? ` (${holders.join("; ")})` : "";
  const cure = `Wait for it, or, when it is dead: pulumi cancel --stack ${named}`;
  return new StackLockedError(`another update holds the stack ${named}${by}. ${cure}`);
}
