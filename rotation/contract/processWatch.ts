import { readdirSync, readFileSync } from "node:fs";

const everyMs = 20;

/**
 * Looks at command lines and environments of a process and of all that it starts, as long as it runs. Linux only: elsewhere
 * it sees nothing, and what the rotator's own process starts is told by that.
 *
 * @returns ends it
 */
export function watchProcesses(root: number, saw: (text: string) => void): () => void {
  const look = () => {
    for (const pid of familyOf(root)) for (const text of textsOf(pid)) saw(text);
  };
  const timer = setInterval(look, everyMs).unref();
  look();
  return () => clearInterval(timer);
}

function familyOf(root: number): number[] {
  const found = [root];
  for (const pid of found) found.push(...childrenOf(pid));
  return found;
}

/** @see https://man7.org/linux/man-pages/man5/proc_tid_children.5.html */
function childrenOf(pid: number): number[] {
  return orNothing(() =>
    readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    ),
  );
}

/** A process's command line and environment; none when it has ended. */
export function textsOf(pid: number): string[] {
  return orNothing(() => ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "latin1")));
}

/** The process may have ended, or be somebody else's. */
function orNothing<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
