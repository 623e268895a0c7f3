import "reflect-metadata";
import { createPrivateKey, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const day = 86_400_000;
const algorithms = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
} as const;

export interface TestCa {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly algorithm: (typeof algorithms)[keyof typeof algorithms];
  /** PEM. */
  readonly pem: string;
  /** What the CA's secret holds. */
  readonly secret: string;
}

export interface CaOptions {
  readonly name?: string;
  readonly key?: keyof typeof algorithms;
  readonly days?: number;
  readonly isCa?: boolean;
  /** It is an intermediate of this one. */
  readonly by?: TestCa;
  readonly more?: object;
  /** It may sign for names below this one alone (name constraints). */
  readonly onlyFor?: string;
  /** SubjectPublicKeyInfo of a key that is elsewhere; default: a new one. */
  readonly publicKey?: Uint8Array;
}

/** A CA for tests, made anew. */
export async function testCa({
  name = "Test CA",
  key = "ec",
  days = 3650,
  isCa = true,
  by,
  more,
  onlyFor,
  publicKey,
}: CaOptions = {}): Promise<TestCa> {
  const algorithm = algorithms[key];
  const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: by?.certificate.subjectName ?? [{ CN: [name] }],
    notBefore: new Date(Date.now() - 30 * day),
    notAfter: new Date(Date.now() + days * day),
    signingAlgorithm: (by ?? { algorithm }).algorithm,
    publicKey: publicKey ?? keys.publicKey,
    signingKey: (by ?? { keys }).keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      new x509.KeyUsagesExtension(
        isCa ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign : x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey ?? keys.publicKey),
      ...(onlyFor === undefined ? [] : [permitted(onlyFor)]),
    ],
  });
  const pem = `${certificate.toString("pem").trim()}\n`;
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({
    type: "pkcs8",
    format: "pem",
  });
  const chain = by ? `${pem}${by.pem}` : pem;
  return { certificate, keys, algorithm, pem, secret: JSON.stringify({ certificate: chain, privateKey, ...more }) };
}

/** As DER has it: one permitted DNS name. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10 */
function permitted(name: string): x509.Extension {
  const tagged = (tag: number, inner: Buffer) => Buffer.concat([Buffer.from([tag, inner.length]), inner]);
  const subtree = tagged(0x30, tagged(0x82, Buffer.from(name, "latin1")));
  return new x509.Extension("2.5.29.30", true, tagged(0x30, tagged(0xa0, subtree)));
}
