import { createPrivateKey } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import { documentOf, withProperties } from "../../values/jsonDocument";
import { type Algorithm, algorithms } from "./parameters";

const publicSchema = z.looseObject({ kty: z.string(), kid: z.string().min(1) });
const privateSchema = z.looseObject({
  kty: z.string(),
  kid: z.string().min(1),
  alg: z.enum(algorithms),
  d: z.string().min(1),
});
const setSchema = z.object({ keys: z.array(publicSchema).min(1) });
const valueSchema = z.object({ privateJwk: z.string(), jwks: z.string(), next: z.string().optional() });

export type PublicJwk = z.output<typeof publicSchema>;
/** Never shown, and nowhere but in the secret's value. */
export type PrivateJwk = z.output<typeof privateSchema>;

/** What a value holds. */
export interface KeySet {
  readonly signing: PrivateJwk;
  /** What verifiers get, the one that signs first. */
  readonly published: readonly PublicJwk[];
  /** Published, and not signing yet. */
  readonly next: PrivateJwk | undefined;
}

/**
 * The properties of a value: `privateJwk` (RFC 7517) and `privateKey` (the same as PKCS #8 in PEM) sign, under `kid` and `alg`;
 * `jwks` is the public set. `next` is the rotation's own: the private key that signs next, or nothing. All of them are texts.
 */
export const properties = ["kid", "alg", "privateKey", "privateJwk", "jwks", "next"] as const;

/** Undefined: the value is no such document, or its set lacks the key that signs, or the next one. */
export function keySetIn(value: string): KeySet | undefined {
  const texts = valueSchema.safeParse(jsonOrUndefined(value)).data;
  const signing = privateSchema.safeParse(jsonOrUndefined(texts?.privateJwk ?? "")).data;
  const published = setSchema.safeParse(jsonOrUndefined(texts?.jwks ?? "")).data?.keys;
  const next = texts?.next ? privateSchema.safeParse(jsonOrUndefined(texts.next)).data : undefined;
  if (!texts || !signing || !published || (texts.next && !next)) return undefined;
  const isPublished = (key: PrivateJwk) => published.some(({ kid }) => kid === key.kid);
  return isPublished(signing) && (!next || isPublished(next)) ? { signing, published, next } : undefined;
}

/** Whether two sets sign alike, publish the same keys, and have the same one next. */
export function isSameSet(one: KeySet, other: KeySet): boolean {
  const kids = ({ published }: KeySet) =>
    published
      .map(({ kid }) => kid)
      .sort()
      .join();
  return one.signing.kid === other.signing.kid && one.next?.kid === other.next?.kid && kids(one) === kids(other);
}

/** @param base  a document: its other properties stay byte for byte; undefined, or no document: there are no others */
export function textOf({ signing, published, next }: KeySet, base: string | undefined): string {
  const keys = [publicOf(signing), ...published.filter(({ kid }) => kid !== signing.kid)];
  const texts = {
    kid: signing.kid,
    alg: signing.alg,
    privateKey: pemOf(signing),
    privateJwk: JSON.stringify(signing),
    jwks: JSON.stringify({ keys }),
    next: next === undefined ? "" : JSON.stringify(next),
  } satisfies Record<(typeof properties)[number], string>;
  return base !== undefined && documentOf(base)?.root.type === "object"
    ? withProperties(base, texts)
    : JSON.stringify(texts);
}

function pemOf(key: PrivateJwk): string {
  return createPrivateKey({ key, format: "jwk" }).export({ type: "pkcs8", format: "pem" }).toString();
}

/** The members that RFC 7518 and RFC 8037 have for a public key, by its type. */
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "x", "y"],
  OKP: ["crv", "x"],
  RSA: ["n", "e"],
};

/** Only what is known to be public comes over. */
export function publicOf(key: PrivateJwk): PublicJwk {
  const { kty, kid, alg } = key;
  const members = (publicMembers[kty] ?? []).map((name) => [name, key[name]] as const);
  return { kty, kid, alg, use: "sig", ...Object.fromEntries(members) };
}

/** Whether a published key has a member that is none of a public one's, such as `d`. */
export function saysPrivate(key: PublicJwk): boolean {
  return ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].some((name) => name in key);
}

/** A new key pair; its `kid` is its thumbprint (RFC 7638). */
export async function newKey(algorithm: Algorithm): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return privateSchema.parse({ ...jwk, kid, alg: algorithm });
}
