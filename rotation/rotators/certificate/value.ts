import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import { credentialIn } from "../own/guarded";

/** What the secret's JSON has of a certificate; the names go into `externalSecret.keys`. */
export const properties = ["certificate", "privateKey", "ca", "serial", "notBefore", "notAfter"] as const;

export interface CertificateValue {
  /** PEM: the certificate, then its intermediates. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** PEM: the trust bundle, which has what signed it. */
  readonly ca: string;
  /** Hexadecimal, in capitals. */
  readonly serial: string;
  /** ISO 8601. */
  readonly notBefore: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** Of a new CA: what was done (see rollover.ts); empty or missing: nothing is pending. */
  readonly rollover?: string;
}

/** The certificate in a value; undefined: it has not all of the properties. */
export function certificateIn(value: string | undefined): CertificateValue | undefined {
  const found = value === undefined ? undefined : credentialIn(value, properties);
  if (!found) return undefined;
  const { rollover } = rolloverSchema.safeParse(jsonOrUndefined(value ?? "")).data ?? {};
  return { ...(found as unknown as CertificateValue), ...(rollover !== undefined && { rollover }) };
}

const rolloverSchema = z.object({ rollover: z.string().optional() });

/** A value of what an issuer gave. @throws Error when it is no PEM */
export function certificateValue(
  issued: Pick<CertificateValue, "certificate" | "privateKey" | "ca">,
): CertificateValue {
  const [leaf] = certificatesIn(issued.certificate);
  if (!leaf) throw new Error("there is no certificate");
  const { validFromDate, validToDate, serialNumber } = leaf;
  const dates = { notBefore: validFromDate.toISOString(), notAfter: validToDate.toISOString() };
  return { ...issued, serial: serialNumber, ...dates };
}

/** All of a PEM text, in their order. @throws Error where one cannot be read */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** PEM of some certificates, each ended by a newline. */
export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((one) => `${one.toString().trim()}\n`).join("");
}
