import { buildClient, CommitmentPolicy, KmsKeyringNode } from "@aws-crypto/client-node";
import { type DecryptCommandInput, KMS } from "@aws-sdk/client-kms";
import { type AwsSettings, awsClient, limited, plainErrors } from "./awsClient";

/** Names what is encrypted: KMS opens a data key for nobody who does not say the same, and writes it into CloudTrail. */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * What the driver needs of KMS: messages of the AWS Encryption SDK. Each has a data key of its own that only the KMS key
 * opens, AES-256-GCM with key commitment, and a signature; AWS's own tools read them too.
 *
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export interface Kms {
  /** @param keyId  id, ARN or alias */
  keyArn(keyId: string): Promise<string>;
  encrypt(keyArn: string, plaintext: Buffer, context: EncryptionContext): Promise<Buffer>;
  /**
   * @throws what KMS says; an Error without KMS's metadata when the message is not what was encrypted with this key and
   *   this context
   */
  decrypt(keyArn: string, message: Buffer, context: EncryptionContext): Promise<Buffer>;
}

/** @param settings  the region is that of a key that is named without one */
export function kms(settings: AwsSettings): Kms {
  const client = limited(plainErrors(new KMS(awsClient(settings, "kms"))));
  const sdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  return {
    async keyArn(keyId) {
      const { KeyMetadata } = await client.describeKey({ KeyId: keyId });
      if (!KeyMetadata?.Arn) throw new Error(`KMS tells no ARN of ${keyId}`);
      return KeyMetadata.Arn;
    },
    async encrypt(keyArn, plaintext, encryptionContext) {
      const keyring = new KmsKeyringNode({ generatorKeyId: keyArn, clientProvider: supplier(client) });
      return (await sdk.encrypt(keyring, plaintext, { encryptionContext })).result;
    },
    async decrypt(keyArn, message, context) {
      // The SDK puts what KMS said, with its stack, into the text of an error of its own.
      let refusal: unknown;
      const decrypt = (input: DecryptCommandInput) =>
        client.decrypt(input).catch((error: unknown) => {
          refusal = error;
          throw error;
        });
      const told = Object.assign(Object.create(client), { decrypt }) as KMS;
      const keyring = new KmsKeyringNode({ keyIds: [keyArn], clientProvider: supplier(told) });
      try {
        const { plaintext, messageHeader } = await sdk.decrypt(keyring, message);
        const { "aws-crypto-public-key": _signature, ...found } = messageHeader.encryptionContext;
        if (isSame(found, context)) return plaintext;
        plaintext.fill(0);
      } catch (error) {
        throw refusal ?? error;
      }
      throw new Error("it was encrypted for something else");
    },
  };
}

type Supplier = NonNullable<NonNullable<ConstructorParameters<typeof KmsKeyringNode>[0]>["clientProvider"]>;

/** The two libraries' types differ in whether an optional property may be undefined. */
function supplier(client: KMS): Supplier {
  return (() => client) as unknown as Supplier;
}

function isSame(found: EncryptionContext, wanted: EncryptionContext): boolean {
  const names = Object.keys(wanted);
  return names.length === Object.keys(found).length && names.every((name) => found[name] === wanted[name]);
}
