import type { Updating } from "./updating";

/** One more update costs as much as some steps of each of so many secrets, whatever the stack. */
const leastSecrets = 10;
/** Secrets of the update times secrets of the stack: with fewer, the time is that of the engine's start. */
const worthIt = 1000;

/**
 * Whether the versions are written by an update of their own, and Kubernetes is told of them by the next one.
 *
 * Backends of files and buckets write the whole state twice for each resource that changes, one after the other. So the time of a
 * large update grows with the secrets in it, and with those in the stack. Both of these updates write the state once, at their end,
 * and may: what a kill leaves of the first one is versions that no target has been given and nobody reads, and the state that it
 * leaves of the second one has every version, so that the same command goes on with it. (In one update the state has to be written
 * between a version and its `set`. Without that the version that a target lives by would be lost to a kill, and of a jwt secret the
 * key before.)
 */
export function writesVersionsFirst(
  { recorded, versionsFirst }: Pick<Updating, "recorded" | "versionsFirst">,
  secrets: number,
): boolean {
  return versionsFirst ?? (secrets > leastSecrets && secrets * recorded.size > worthIt);
}
