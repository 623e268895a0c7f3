import { createHash } from "node:crypto";

/**
 * By how many seconds a secret is due before its limit: from 0 to less than the span, by its full name, so that every run
 * says the same, and secrets that were rotated on one day are not due on one day again.
 */
export function jitterSeconds(fullName: string, spanSeconds: number): number {
  const hash = createHash("sha256").update(fullName).digest().readUIntBE(0, 6);
  return Math.floor((hash / 2 ** 48) * spanSeconds);
}
