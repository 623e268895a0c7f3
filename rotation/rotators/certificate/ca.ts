import { createPrivateKey, type X509Certificate } from "node:crypto";
import { z } from "zod";
import { jsonOrUndefined } from "../../json";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { readable, wrongTimes } from "./judge";
import { certificateOf } from "./parameters";
import { readSecret } from "./readSecret";
import { keySigner, kmsSigner, type Signer } from "./signer";
import { type CertificateValue, certificatesIn, pemOf } from "./value";

/** A CA that signs, as its secret has it. */
export interface CertificateAuthority {
  readonly certificate: X509Certificate;
  /** The CA, then what is above it. */
  readonly chain: readonly X509Certificate[];
  /** What a certificate by it is shown with: the CA and its intermediates, without roots. */
  readonly intermediates: readonly X509Certificate[];
  readonly signer: Signer;
  /** PEM: what clients trust. */
  readonly bundle: string;
}

const schema = z.object({ certificate: z.string(), privateKey: z.string().optional(), bundle: z.string().optional() });

/**
 * The CA of a declaration, when it can sign now.
 *
 * @throws {ROTATOR_FAILED} when it cannot: it has expired, is no CA, or its key is another one
 */
export async function readCa(context: StrategyContext, step: Step): Promise<CertificateAuthority> {
  const { secret: name = "", kmsKey } = certificateOf(context).ca ?? {};
  const refuse = (what: string, hint: string): never => {
    throw failure(context, step, "ROTATOR_FAILED", `the CA in the secret ${name} ${what}`, { hint });
  };
  const fields = kmsKey === undefined ? "certificate and privateKey" : "certificate";
  const put = `put the CA there as JSON with ${fields}, as PEM (aws secretsmanager put-secret-value)`;
  const found = schema.safeParse(jsonOrUndefined(await readSecret(context, step, "the CA", name))).data;
  if (!found || (kmsKey === undefined && found.privateKey === undefined)) {
    return refuse(`is no JSON object with ${fields}`, put);
  }
  const chain = readable(() => certificatesIn(found.certificate)) ?? [];
  const [certificate] = chain;
  if (!certificate) return refuse("has no certificate that can be read", put);
  const times = wrongTimes(certificate, context.ports.clock.now());
  if (times) return refuse(times, "make a new CA, and put it there");
  if (!certificate.ca)
    return refuse("may not sign: its certificate is no CA's", "put there a CA (basicConstraints CA:TRUE)");
  const isRoot = (one: X509Certificate) => one.subject === one.issuer && one.verify(one.publicKey);
  const roots = chain.filter(isRoot);
  const bundle = found.bundle ?? pemOf(roots);
  if (bundle === "") return refuse("has no root above it, and no bundle", "add the root to certificate, or as bundle");
  const signer = await signerOf(found.privateKey, certificate, { context, step, refuse, put });
  return { certificate, chain, signer, bundle, intermediates: chain.filter((one) => !isRoot(one)) };
}

interface Asking {
  readonly context: StrategyContext;
  readonly step: Step;
  readonly refuse: (what: string, hint: string) => never;
  readonly put: string;
}

/** The key of the certificate: that in KMS, where one is declared, else that in the secret. */
async function signerOf(
  pem: string | undefined,
  certificate: X509Certificate,
  { context, step, refuse, put }: Asking,
): Promise<Signer> {
  const { kmsKey } = certificateOf(context).ca ?? {};
  if (kmsKey === undefined) {
    const key = readable(() => createPrivateKey(pem ?? ""));
    if (!key) return refuse("has no private key that can be read (one with a passphrase cannot)", put);
    if (!certificate.checkPrivateKey(key)) return refuse("has a private key that is not its certificate's", put);
    return readable(() => keySigner(key)) ?? refuse("has a private key that is neither ECDSA's nor RSA's", put);
  }
  if (pem !== undefined) {
    const hint = "take privateKey out of the secret, or kmsKey out of the declaration";
    return refuse("has a privateKey, and the declaration a ca.kmsKey: one of them signs", hint);
  }
  const { publicKey, ...signer } = await kmsSigner(context, step, kmsKey);
  if (publicKey.equals(certificate.publicKey)) return signer;
  const hint = "put the certificate of that key there, or correct certificate.ca.kmsKey";
  return refuse(`has a certificate that is not for the KMS key ${kmsKey}`, hint);
}

/** Whether a CA's key has signed a certificate. */
export function isBy({ certificate }: CertificateValue, ca: CertificateAuthority): boolean {
  const [leaf] = certificatesIn(certificate);
  return leaf !== undefined && isIssued(leaf, ca.certificate);
}

/** Whether those who trust a bundle (PEM) trust what a CA signs. */
export function trusts(bundle: string, { chain }: CertificateAuthority): boolean {
  return certificatesIn(bundle).some((root) =>
    chain.some((one) => one.fingerprint256 === root.fingerprint256 || isIssued(one, root)),
  );
}

function isIssued(certificate: X509Certificate, by: X509Certificate): boolean {
  return certificate.checkIssued(by) && certificate.verify(by.publicKey);
}
