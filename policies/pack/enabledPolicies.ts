const ran = new Set<string>();

/** Notes that the engine ran a policy on the stack. One that is disabled by its level is never run. */
export function noteRun(policy: string): void {
  ran.add(policy);
}

/** Which of these policies did not run on the stack since the last call. */
export function takeSilent(policies: readonly string[]): string[] {
  const silent = policies.filter((policy) => !ran.has(policy));
  ran.clear();
  return silent;
}
