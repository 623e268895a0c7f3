import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type AwsSettings, awsClient } from "./awsClient";

/** An access key of IAM. */
export interface AccessKey {
  readonly id: string;
  readonly key: string;
}

/** Who credentials belong to. */
export interface Sts {
  /** The caller's ARN; needs no permission. Fails within some seconds where STS cannot be reached, as behind VPC endpoints. */
  caller(): Promise<string | undefined>;
  /**
   * The ARN of whoever an access key belongs to. It counts as a use of the key.
   *
   * @returns undefined: AWS does not accept the key
   */
  ownerOf(key: AccessKey, signal: AbortSignal): Promise<string | undefined>;
}

/** What STS says of a key that was deleted, is inactive, or not known everywhere yet; and of one whose second half is wrong. */
const refusals = ["InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "AuthFailure"];

export function sts(settings: AwsSettings): Sts {
  const client = new STSClient({ ...awsClient(settings, "sts"), maxAttempts: 3 });
  return {
    async caller() {
      const asked = client.send(new GetCallerIdentityCommand({}), { abortSignal: AbortSignal.timeout(3000) });
      return (await asked).Arn;
    },
    async ownerOf({ id, key }, signal) {
      const credentials = { accessKeyId: id, secretAccessKey: key };
      const { profile: _, ...own } = awsClient(settings, "sts") as ReturnType<typeof awsClient> & { profile?: string };
      const one = new STSClient({ ...own, credentials, maxAttempts: 3 });
      try {
        return (await one.send(new GetCallerIdentityCommand({}), { abortSignal: signal })).Arn;
      } catch (error) {
        if (refusals.includes((error as Error).name)) return undefined;
        throw error;
      } finally {
        one.destroy();
      }
    },
  };
}
