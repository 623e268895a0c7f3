import { createHash } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand, type SigningAlgorithmSpec } from "@aws-sdk/client-kms";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** Asymmetric KMS keys that sign. None leaves KMS. */
export interface KmsSigning {
  /** @param keyId  id or ARN @throws what KMS says, e.g. NotFoundException, AccessDeniedException or DisabledException */
  publicKey(keyId: string): Promise<KmsPublicKey>;
  /** @returns a signature as X.509 has it: of ECDSA in DER @throws what KMS says */
  sign(keyId: string, algorithm: KmsSigningAlgorithm, data: Buffer): Promise<Buffer>;
}

export interface KmsPublicKey {
  /** SubjectPublicKeyInfo. */
  readonly der: Buffer;
  /** `SIGN_VERIFY` is the one that signs. */
  readonly usage: string;
}

export interface KmsSigningAlgorithm {
  readonly scheme: "ECDSA" | "RSASSA_PKCS1_V1_5";
  /** Bits of SHA-2. */
  readonly hash: 256 | 384 | 512;
}

/** What KMS takes as it is; of more it takes the hash. */
const longestMessage = 4096;

/**
 * @param settings  the region is that of a key that is named without one
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export function kmsSigning(settings: AwsSettings): KmsSigning {
  const clients = new Map<string, KMSClient>();
  const clientFor = (keyId: string) => {
    const region = /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1] ?? settings.region;
    const client = clients.get(region) ?? plainErrors(new KMSClient(awsClient({ ...settings, region }, "kms")));
    clients.set(region, client);
    return client;
  };
  return {
    async publicKey(KeyId) {
      const { PublicKey = [], KeyUsage = "unknown" } = await clientFor(KeyId).send(new GetPublicKeyCommand({ KeyId }));
      return { der: Buffer.from(PublicKey), usage: KeyUsage };
    },
    async sign(KeyId, { scheme, hash }, data) {
      const message =
        data.length <= longestMessage
          ? ({ Message: data, MessageType: "RAW" } as const)
          : ({ Message: createHash(`sha${hash}`).update(data).digest(), MessageType: "DIGEST" } as const);
      const SigningAlgorithm: SigningAlgorithmSpec = `${scheme}_SHA_${hash}`;
      const { Signature = [] } = await clientFor(KeyId).send(new SignCommand({ KeyId, SigningAlgorithm, ...message }));
      return Buffer.from(Signature);
    },
  };
}
