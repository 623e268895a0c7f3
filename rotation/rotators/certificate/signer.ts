import "reflect-metadata";
import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";
import { describeError } from "../../errors";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { signingAlgorithm } from "./keys";

/** The key of a CA, which may be elsewhere. */
export interface Signer {
  readonly algorithm: ReturnType<typeof signingAlgorithm>;
  /** @returns a signature as Web Crypto has it: of ECDSA r and s, one after the other */
  sign(data: Buffer): Promise<Buffer>;
}

const signature = promisify(sign);

/** @throws Error for a key that is neither ECDSA's nor RSA's */
export function keySigner(key: KeyObject): Signer {
  const algorithm = signingAlgorithm(key);
  return {
    algorithm,
    sign: (data) => signature(algorithm.hash, data, { key, dsaEncoding: "ieee-p1363" }),
  };
}

/**
 * A key in KMS.
 *
 * @param keyId  id or ARN
 * @throws {ROTATOR_FAILED} when it cannot be asked, or does not sign
 */
export async function kmsSigner(
  context: StrategyContext,
  step: Step,
  keyId: string,
): Promise<Signer & { readonly publicKey: KeyObject }> {
  const { kmsSigning } = context.ports;
  const refuse = (what: string, hint: string, error?: unknown) =>
    failure(context, step, "ROTATOR_FAILED", `the KMS key ${keyId}, which is the CA's, ${what}`, {
      hint,
      ...(error !== undefined && { cause: error }),
    });
  const asked = async <T>(what: string, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      const hint =
        "whoever rotates needs kms:GetPublicKey and kms:Sign for it, by its key policy too (npm run rotation -- permissions), and it has to be enabled";
      throw refuse(`${what}: ${describeError(error)}`, hint, error);
    });
  const { der, usage } = await asked("does not tell its public key", kmsSigning.publicKey(keyId));
  if (usage !== "SIGN_VERIFY") throw refuse(`is for ${usage}`, "name a key for SIGN_VERIFY in certificate.ca.kmsKey");
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  const algorithm = signingAlgorithm(publicKey);
  const hash = Number(algorithm.hash.slice("SHA-".length)) as 256 | 384 | 512;
  const isEc = algorithm.name === "ECDSA";
  return {
    algorithm,
    publicKey,
    async sign(data) {
      const scheme = isEc ? "ECDSA" : "RSASSA_PKCS1_V1_5";
      const made = await asked("does not sign", kmsSigning.sign(keyId, { scheme, hash }, data));
      if (!isEc) return made;
      const raw = new x509.AsnEcSignatureFormatter().toWebSignature(algorithm, new Uint8Array(made));
      return Buffer.from(raw ?? new ArrayBuffer());
    },
  };
}
