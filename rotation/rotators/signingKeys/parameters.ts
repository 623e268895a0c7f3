import { z } from "zod";
import { duration } from "../../../infra/config/duration";
import type { SecretDeclaration } from "../../../infra/config/secretSchema";

/** As `alg` of RFC 7518 and RFC 8037. EdDSA is Ed25519, RS256 has 2048 bits. */
export const algorithms = ["ES256", "EdDSA", "RS256"] as const;
export type Algorithm = (typeof algorithms)[number];

/** The block `signing-keys` of a declaration. */
export const parameters = z.strictObject({
  algorithm: z.enum(algorithms).default("ES256").describe("of the next key; the one that signs now may have another"),
  cacheTime: duration({ min: "0s", max: "30d" }).describe(
    "how long a verifier may use the published set without reading it again, e.g. its Cache-Control: the next key signs after that",
  ),
  tokenLifetime: duration({ min: "1s", max: "365d" }).describe(
    "how long a token is valid at most: the key before leaves the set after that",
  ),
});

export type SigningKeyParameters = z.output<typeof parameters>;

/** @throws Error for a secret of another kind, or one that AWS rotates */
export function signingKeysOf({ secret }: { readonly secret: SecretDeclaration }): SigningKeyParameters {
  if (secret.kind !== "signing-keys" || !secret.parameters)
    throw new Error(`${secret.name} has no signing-keys section`);
  return secret.parameters as SigningKeyParameters;
}
