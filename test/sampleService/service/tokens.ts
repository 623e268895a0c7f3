import { createHmac, timingSafeEqual } from "node:crypto";
import type { JwtKeys } from "./secretSource";

const lifetimeSeconds = 300;

export interface Tokens {
  /** Returns a new JSON Web Token (HS256). */
  issue(subject: string): string;
  /** Returns the token's subject, or undefined when it is expired or neither key signed it. */
  verify(token: string): string | undefined;
}

/**
 * Tokens that outlive a rotation of their key. Either key verifies. A new key signs only `activationSeconds` after it
 * was first seen here, as until then there are replicas that do not know it; meanwhile the previous one signs, which
 * all of them know.
 */
export function createTokens(keys: () => JwtKeys, activationSeconds: number, now: () => number = Date.now): Tokens {
  let newest = { key: keys().current, seenAt: now() };

  function signingKey(): string {
    const { current, previous } = keys();
    if (current !== newest.key) newest = { key: current, seenAt: now() };
    const active = previous === "" || now() - newest.seenAt >= activationSeconds * 1_000;
    return active ? current : previous;
  }

  return {
    issue(subject) {
      const issuedAt = Math.floor(now() / 1_000);
      const claims = { sub: subject, iat: issuedAt, exp: issuedAt + lifetimeSeconds };
      const content = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
      return `${content}.${sign(content, signingKey()).toString("base64url")}`;
    },
    verify(token) {
      const [header, claims, signature, ...rest] = token.split(".");
      if (!header || !claims || !signature || rest.length > 0) return undefined;
      const { current, previous } = keys();
      const known = [current, previous].filter((key) => key !== "");
      if (!known.some((key) => matches(sign(`${header}.${claims}`, key), signature))) return undefined;
      const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub: string; exp: number };
      return exp * 1_000 > now() ? sub : undefined;
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function sign(content: string, key: string): Buffer {
  return createHmac("sha256", key).update(content).digest();
}

function matches(expected: Buffer, signature: string): boolean {
  const given = Buffer.from(signature, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
