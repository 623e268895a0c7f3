import { isAddress } from "../../../infra/config/hostName";
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Ports } from "../../ports";
import type { CertificateAuthority } from "./ca";
import { newKey, pemOfKey, publicHalf } from "./keys";
import type { CertificateParameters } from "./parameters";
import type { Signer } from "./signer";
import { type CertificateValue, certificateValue, pemOf } from "./value";

/** Clocks of those who verify may be behind by this much. */
const skewMs = 5 * 60_000;
/** X.520's limit of a common name. */
const longestCommonName = 64;

/** A certificate by a CA, for a new key. It ends with the CA at the latest. */
export async function signed(
  ca: CertificateAuthority,
  parameters: CertificateParameters,
  { clock, random }: Pick<Ports, "clock" | "random">,
): Promise<CertificateValue> {
  const { lifetime, names } = parameters;
  const key = await newKey(parameters.key);
  const publicKey = await publicHalf(key);
  const { signer } = ca;
  const issuer = new x509.X509Certificate(ca.certificate.raw);
  const now = clock.now().getTime();
  const notAfter = new Date(Math.min(now + lifetime * 1000, ca.certificate.validToDate.getTime()));
  const [commonName = ""] = names.filter(({ length }) => length <= longestCommonName);
  const content = {
    serialNumber: serial(random),
    subject: commonName === "" ? [] : [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    notBefore: seconds(new Date(Math.max(now - skewMs, ca.certificate.validFromDate.getTime()))),
    notAfter: seconds(notAfter),
    signingAlgorithm: signer.algorithm,
    publicKey,
    // The library asks the given implementation alone, which knows the key.
    signingKey: { algorithm: signer.algorithm } as unknown as webcrypto.CryptoKey,
    extensions: await extensionsOf(parameters, publicKey, issuer, commonName === ""),
  };
  const certificate = await x509.X509CertificateGenerator.create(content, signingWith(signer));
  const chain = `${certificate.toString("pem").trim()}\n${pemOf(ca.intermediates)}`;
  return certificateValue({ certificate: chain, privateKey: pemOfKey(key), ca: ca.bundle });
}

/** What the library needs of Web Crypto, with signatures by this signer. */
function signingWith(signer: Signer): webcrypto.Crypto {
  const { subtle } = webcrypto;
  const some: Pick<typeof subtle, "exportKey" | "sign"> = {
    exportKey: subtle.exportKey.bind(subtle) as typeof subtle.exportKey,
    sign: async (_algorithm, _key, data) => new Uint8Array(await signer.sign(Buffer.from(data as ArrayBuffer))).buffer,
  };
  return { subtle: some } as unknown as webcrypto.Crypto;
}

async function extensionsOf(
  { names, usages, key }: CertificateParameters,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate,
  hasNoSubject: boolean,
): Promise<x509.Extension[]> {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const subjectKey = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    // Of an RSA key TLS 1.2 may encipher by it.
    new x509.KeyUsagesExtension(key === "ecdsa-p256" ? digitalSignature : digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(usages.map((usage) => (usage === "server" ? serverAuth : clientAuth))),
    new x509.SubjectAlternativeNameExtension(
      names.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value }) as const),
      hasNoSubject,
    ),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    subjectKey
      ? new x509.AuthorityKeyIdentifierExtension(subjectKey.keyId)
      : await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ];
}

/** 126 random bits: a positive number, which always has 16 bytes. */
function serial(random: Ports["random"]): string {
  const bytes = random(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** A certificate's times are whole seconds. */
function seconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
