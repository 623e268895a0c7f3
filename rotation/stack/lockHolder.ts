/** Who holds the stack, as a DIY backend's error says it: `created by root@build-7 (pid 4711) at 2026-…`. */
export interface LockHolder {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

const pattern = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;

/** An error of the Automation API says the same more than once. */
export function lockHolders(message: string): LockHolder[] {
  const found = new Map([...message.matchAll(pattern)].map((match) => [match[0], match]));
  return [...found.values()].map(([, user = "", host = "", pid = "", since = ""]) => {
    return { user, host, pid: Number(pid), since };
  });
}

/** All that hold the stack; undefined: not each of them could be read. */
export function locksIn(message: string): readonly LockHolder[] | undefined {
  const holders = lockHolders(message);
  const [, count] = /locked by (\d+) lock/.exec(message) ?? [];
  return holders.length === Number(count) ? holders : undefined;
}
