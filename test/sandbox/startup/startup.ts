import { randomBytes } from "node:crypto";
import type { SandboxPaths } from "../paths";
import type { Part, Parts } from "../process/parts";
import type { Tools } from "../tools";

export interface Startup {
  readonly paths: SandboxPaths;
  readonly tools: Tools;
  readonly parts: Parts;
  /** Where PostgreSQL keeps its files. */
  readonly postgresData: string;
  /** Told as each part serves. */
  readonly onReady: (name: string) => void;
}

export function randomPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** Starts one part. */
export async function start({ parts, onReady }: Startup, part: Part): Promise<void> {
  await parts.start(part);
  onReady(part.name);
}

/**
 * Like Promise.all, but when this is over nothing goes on any more: after the first failure no part is started, and what is
 * under way comes to its end.
 * @throws the first failure
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  { parts }: Startup,
  tasks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const all = Promise.all(tasks);
  all.catch((error: Error) => parts.beginEnd(error));
  await Promise.allSettled(tasks);
  return all;
}
