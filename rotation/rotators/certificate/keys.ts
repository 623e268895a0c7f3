import { createPublicKey, generateKeyPair, type KeyObject, webcrypto } from "node:crypto";
import { promisify } from "node:util";
import type { CertificateParameters } from "./parameters";

const generate = promisify(generateKeyPair);

/** A new private key. Of RSA it takes seconds, beside the driver's other work. */
export async function newKey(kind: CertificateParameters["key"]): Promise<KeyObject> {
  if (kind === "ecdsa-p256") return (await generate("ec", { namedCurve: "P-256" })).privateKey;
  return (await generate("rsa", { modulusLength: Number(kind.slice("rsa-".length)) })).privateKey;
}

export function pemOfKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

const hashes: Readonly<Record<string, string>> = { "P-256": "SHA-256", "P-384": "SHA-384", "P-521": "SHA-512" };
const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/** By what a key signs. @throws Error for a key that is neither ECDSA's nor RSA's */
export function signingAlgorithm({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const namedCurve = curves[details?.namedCurve ?? ""];
  if (type !== "ec" || namedCurve === undefined) throw new Error(`a key of type ${type} cannot sign here`);
  return { name: "ECDSA", namedCurve, hash: hashes[namedCurve] ?? "SHA-256" };
}

/** The public half of a private key, as Web Crypto has it. */
export function publicHalf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = createPublicKey(key).export({ type: "spki", format: "der" });
  return webcrypto.subtle.importKey("spki", der, signingAlgorithm(key), true, ["verify"]);
}
