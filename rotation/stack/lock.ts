import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { type LockHolder, locksIn } from "./lockHolder";
import type { OwnUpdates } from "./ownUpdates";

/**
 * Whether what holds the stack are engines of the driver's on this machine, and dead. The first one to ask is told so: who
 * clears a lock takes away any other that has come since.
 *
 * @param message  the backend's error
 */
export function mayClear(own: OwnUpdates, message: string): boolean {
  const locks = locksIn(message) ?? [];
  if (locks.length === 0) return false;
  return locks.every((lock) => own.took(lock) && isDeadHere(lock)) && locks.every((lock) => own.claim(lock));
}

/** Whether a lock's holder, if it ran on this machine, is gone. */
function isDeadHere(holder: LockHolder): boolean {
  return holder.host === hostname() && !isAliveHere(holder);
}

/** Whether an engine lives on this machine that may be a lock's holder. */
export function isAliveHere({ host, pid }: LockHolder): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
  return isPulumi(pid);
}

/** A process id is used again: a living process that is no Pulumi is not the holder. Linux tells; elsewhere it may be. */
function isPulumi(pid: number): boolean {
  try {
    // A process that was killed stays a zombie until its parent looks; it holds nothing any more.
    const [, name = "", state = ""] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name.startsWith("pulumi") && state !== "Z";
  } catch {
    return true;
  }
}
