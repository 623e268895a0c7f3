import { createHash, randomBytes } from "node:crypto";

/** Seven hexadecimal digits, as autonaming appends them; the same for the same seed. */
export function randomSuffix(seed?: Uint8Array): string {
  const bytes = seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 7);
}
