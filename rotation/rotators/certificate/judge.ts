import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isAddress } from "../../../infra/config/hostName";
import type { CertificateParameters } from "./parameters";
import { type CertificateValue, certificatesIn } from "./value";

/**
 * What is wrong with a certificate whoever looks at it: its key, names, times. That its chain is trusted a handshake tells.
 *
 * @returns a part of a sentence, without a value; undefined: nothing
 */
export function wrongWith(
  { certificate, privateKey, serial }: CertificateValue,
  { names }: Pick<CertificateParameters, "names">,
  now: Date,
): string | undefined {
  const leaf = readable(() => certificatesIn(certificate)[0]);
  if (!leaf) return "cannot be read: it is no PEM";
  const key = readable(() => createPrivateKey(privateKey));
  if (!key) return "has a private key that cannot be read: it is no PEM";
  if (!leaf.checkPrivateKey(key)) return "does not match its private key";
  if (leaf.serialNumber !== serial) return `has another serial number than the value says (${leaf.serialNumber})`;
  const missing = names.filter((name) => !isFor(leaf, name));
  if (missing.length > 0) return `is not for ${missing.join(", ")}, but for ${leaf.subjectAltName ?? "no name"}`;
  return wrongTimes(leaf, now);
}

export function wrongTimes({ validFromDate, validToDate }: X509Certificate, now: Date): string | undefined {
  if (validToDate <= now) return `has expired (${validToDate.toISOString()})`;
  if (validFromDate > now) return `is not valid before ${validFromDate.toISOString()}: see the clocks`;
  return undefined;
}

function isFor(leaf: X509Certificate, name: string): boolean {
  if (isAddress(name)) return leaf.checkIP(name) !== undefined;
  // A wildcard is asked for by a name that it stands for.
  return leaf.checkHost(name.replace(/^\*/, "any"), { subject: "never" }) !== undefined;
}

export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
