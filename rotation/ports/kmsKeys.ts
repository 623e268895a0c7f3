import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { type AwsSettings, awsClient, plainErrors } from "./awsClient";

/** What is asked about the KMS keys that encrypt secrets. Nothing is encrypted here. */
export interface KmsKeys {
  /**
   * @param keyId  id, ARN or alias
   * @throws what KMS says, e.g. NotFoundException or AccessDeniedException
   */
  describe(keyId: string): Promise<KmsKey>;
}

export interface KmsKey {
  /** `Enabled`, `Disabled`, `PendingDeletion` … */
  readonly state: string;
  readonly deletionAt: Date | undefined;
  /** `SYMMETRIC_DEFAULT` is the one that Secrets Manager takes. */
  readonly spec: string;
}

/** @param settings  the region is that of a key that is named without one */
export function kmsKeys(settings: AwsSettings): KmsKeys {
  const client = plainErrors(new KMSClient(awsClient(settings, "kms")));
  return {
    async describe(keyId) {
      const { KeyMetadata: key } = await client.send(new DescribeKeyCommand({ KeyId: keyId }));
      return {
        state: key?.KeyState ?? "unknown",
        deletionAt: key?.DeletionDate,
        spec: key?.KeySpec ?? "SYMMETRIC_DEFAULT",
      };
    },
  };
}
