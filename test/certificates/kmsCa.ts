import { CreateKeyCommand, GetPublicKeyCommand, type KeySpec, type KMSClient } from "@aws-sdk/client-kms";
import { type CaOptions, type TestCa, testCa } from "./testCa";

/** A CA for tests whose key is in KMS, below a root. */
export interface KmsCa {
  readonly keyId: string;
  readonly arn: string;
  readonly root: TestCa;
  /** PEM. */
  readonly pem: string;
  /** What the CA's secret holds: no key. */
  readonly secret: string;
}

export async function kmsCa(
  client: KMSClient,
  KeySpec: KeySpec = "ECC_NIST_P256",
  options: CaOptions = {},
): Promise<KmsCa> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" }));
  const { KeyId = "", Arn = "" } = KeyMetadata ?? {};
  const { PublicKey = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId }));
  const root = await testCa({ name: "Root above KMS" });
  const { pem } = await testCa({ name: "CA in KMS", by: root, publicKey: PublicKey, ...options });
  return { keyId: KeyId, arn: Arn, root, pem, secret: JSON.stringify({ certificate: `${pem}${root.pem}` }) };
}
