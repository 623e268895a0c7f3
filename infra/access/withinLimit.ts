import type { Declared } from "./declared";
import { type PolicyDocument, sizeOf } from "./policyDocument";

/** IAM's limits, in characters without white space: of one managed policy, and of all inline policies of a role together. */
export const limits = Object.freeze({ managed: 6144, inline: 10240 });

/** IAM would refuse the policy, whatever is left out of it. */
export class PolicyTooLong extends Error {
  constructor(size: number, limit: number) {
    super(
      `the policy has ${size} characters even with the environment's prefix in place of its secrets, and IAM takes ${limit}: ` +
        "let the secrets share KMS keys, and the databases superuser secrets, or divide the stack",
    );
    this.name = "PolicyTooLong";
  }
}

/**
 * The policy that names these secrets or, where that is longer than IAM takes, all of the environment.
 *
 * @throws {PolicyTooLong}
 */
export function withinLimit(
  { environment }: Declared,
  names: readonly string[],
  limit: number,
  build: (names: readonly string[]) => PolicyDocument,
): PolicyDocument {
  const named = build(names);
  if (sizeOf(named) <= limit) return named;
  const short = build([`${environment}/*`]);
  if (sizeOf(short) > limit) throw new PolicyTooLong(sizeOf(short), limit);
  return short;
}
