import type { PolicyViolation } from "../policies/rules";

/** A mandatory policy is violated; nothing was touched. Exit code 3. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  constructor(readonly violations: readonly PolicyViolation[]) {
    const count = violations.filter(isMandatory).length;
    super(`${count} mandatory ${count === 1 ? "policy is" : "policies are"} violated; nothing was changed`);
  }
}

export function isMandatory({ level }: PolicyViolation): boolean {
  return level === "mandatory";
}
