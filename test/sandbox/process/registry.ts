import { appendFileSync, fstatSync, readFileSync, readSync } from "node:fs";
import { identify, type ProcessIdentity } from "./processTable";

/**
 * One line of the list of everything a sandbox started. `pid` leads a process group of its own; `endBy` is the signal that
 * ends it in good order.
 */
export interface RegisteredProcess extends ProcessIdentity {
  readonly name: string;
  readonly kind: "part" | "pod";
  readonly endBy: NodeJS.Signals;
}

/** Adds a process to the list. It is an append of one short line, so that several processes may write the list. */
export function register(
  file: string,
  pid: number,
  about: Omit<RegisteredProcess, "pid" | "startTime">,
): ProcessIdentity {
  const identity = identify(pid);
  appendFileSync(file, `${JSON.stringify({ ...identity, ...about })}\n`);
  return identity;
}

/** All that is in the list. `file` may be its descriptor, which reads the list even after its name was removed. */
export function registered(file: string | number): RegisteredProcess[] {
  let text: string;
  try {
    text = typeof file === "number" ? readWhole(file) : readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line) as RegisteredProcess);
}

// readFileSync reads a descriptor from where the last read has ended.
function readWhole(descriptor: number): string {
  const buffer = Buffer.alloc(fstatSync(descriptor).size);
  return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, buffer.length, 0));
}
