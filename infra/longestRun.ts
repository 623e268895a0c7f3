import type { SecretDeclaration } from "./config/secretSchema";

/** What a run does besides waiting: policies, backup, the statements of its targets, the settling update. Seconds. */
const allowanceSeconds = 120;

/**
 * How long a run over these secrets may take at most, in seconds. They go side by side, so the longest of each wait
 * counts: for the sessions of a role to end, for External Secrets, for a rollout. Somebody else's update that gets the
 * stack in between is not in it.
 */
export function longestRunSeconds(
  secrets: readonly Pick<SecretDeclaration, "syncTimeout" | "rolloutTimeout" | "waitSeconds">[],
): number {
  const longest = (of: (secret: (typeof secrets)[number]) => number) => Math.max(0, ...secrets.map(of));
  return (
    allowanceSeconds +
    longest(({ waitSeconds }) => waitSeconds) +
    longest(({ syncTimeout }) => syncTimeout) +
    longest(({ rolloutTimeout }) => rolloutTimeout)
  );
}
