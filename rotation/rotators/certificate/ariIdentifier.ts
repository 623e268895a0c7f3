import "reflect-metadata";
import type { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";

/**
 * By what an ACME server knows a certificate whose renewal it is asked about; undefined: the certificate does not say who signed it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9773#section-4.1
 */
export function ariIdentifier(certificate: X509Certificate): string | undefined {
  const keyId = new x509.X509Certificate(certificate.raw).getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return undefined;
  const digits = certificate.serialNumber;
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  // As DER has it: a positive number whose first bit is set gets a zero in front.
  const serial = /^[89A-F]/.test(even) ? `00${even}` : even;
  const text = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  return `${text(keyId)}.${text(serial)}`;
}
