import { CompactSign, compactVerify, createLocalJWKSet, importJWK, importPKCS8, type JSONWebKeySet } from "jose";
import type { KeySet, PrivateJwk } from "./keySet";

const text = new TextEncoder().encode("secret-rotation");

/**
 * What of a set does not work, found out by signing and verifying: the key as a JWK, and as PEM, and the next one.
 *
 * @param before  the key that signs now, where its tokens have to verify on
 */
export async function notWorking(
  { signing, next, published }: KeySet,
  privateKey: string,
  before: PrivateJwk | undefined,
): Promise<string | undefined> {
  const tries: readonly (readonly [string, PrivateJwk, () => ReturnType<typeof importJWK>])[] = [
    ["the key of privateJwk", signing, () => importJWK({ ...signing }, signing.alg)],
    ["the key of privateKey", signing, () => importPKCS8(privateKey, signing.alg)],
    ...[next].flatMap((key) => (key ? [["the next key", key, () => importJWK({ ...key }, key.alg)] as const] : [])),
    ...[before].flatMap((key) =>
      key ? [["the key that signs now", key, () => importJWK({ ...key }, key.alg)] as const] : [],
    ),
  ];
  const set = createLocalJWKSet({ keys: published } as JSONWebKeySet);
  for (const [what, { kid, alg }, load] of tries) {
    const isVerified = await load()
      .then((key) => new CompactSign(text).setProtectedHeader({ alg, kid }).sign(key))
      .then((token) => compactVerify(token, set))
      .then(() => true)
      .catch(() => false);
    if (!isVerified) return `what ${what} signs does not verify by the public set`;
  }
  return undefined;
}
