import { CreateKeyCommand, GenerateDataKeyWithoutPlaintextCommand, KMSClient } from "@aws-sdk/client-kms";
import type { Sandbox } from "./sandbox";

/** What Pulumi.<stack>.yaml says of the key that encrypts the secrets in a stack's state. */
export interface StateKey {
  readonly secretsprovider: string;
  readonly encryptedkey: string;
}

const keys = new WeakMap<Sandbox, Promise<StateKey>>();

/**
 * The key of the tests' stacks, in the sandbox's KMS, as on a real account. Pulumi derives one from a passphrase by a
 * million rounds: a sixth of a second in each engine.
 */
export function stateKey(sandbox: Sandbox): Promise<StateKey> {
  const key = keys.get(sandbox) ?? makeKey(sandbox);
  keys.set(sandbox, key);
  return key;
}

async function makeKey({ env }: Sandbox): Promise<StateKey> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const kms = new KMSClient({ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials });
  try {
    const { KeyMetadata: { KeyId = "" } = { KeyId: "" } } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob = new Uint8Array() } = await kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" }),
    );
    return {
      secretsprovider: `awskms://${KeyId}?region=${AWS_REGION}`,
      encryptedkey: Buffer.from(CiphertextBlob).toString("base64"),
    };
  } finally {
    kms.destroy();
  }
}
