import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
} from "@aws-sdk/client-iam";
import { type AwsSettings, awsClient, limited, plainErrors } from "./awsClient";
import type { AccessKey } from "./sts";

/** The access keys of users of IAM. Errors have AWS's names, e.g. NoSuchEntityException, LimitExceededException. */
export interface Iam {
  createAccessKey(user: string, signal: AbortSignal): Promise<AccessKey>;
  /** Ids of all of a user's keys, inactive ones too. */
  accessKeys(user: string, signal: AbortSignal): Promise<readonly string[]>;
  /** One that is gone already is no error. */
  deleteAccessKey(user: string, id: string, signal: AbortSignal): Promise<void>;
  /** When a key was used last, as far as AWS knows by now; undefined: never. */
  lastUsed(id: string, signal: AbortSignal): Promise<Date | undefined>;
}

export function iam(settings: AwsSettings): Iam {
  const client = limited(plainErrors(new IAMClient(awsClient(settings, "iam"))));
  return {
    async createAccessKey(UserName, abortSignal) {
      const { AccessKey: made } = await client.send(new CreateAccessKeyCommand({ UserName }), { abortSignal });
      return { id: made?.AccessKeyId ?? "", key: made?.SecretAccessKey ?? "" };
    },
    // A user has two at most, so that there is no second page.
    async accessKeys(UserName, abortSignal) {
      const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({ UserName }), { abortSignal });
      return AccessKeyMetadata.flatMap(({ AccessKeyId }) => AccessKeyId ?? []);
    },
    async deleteAccessKey(UserName, AccessKeyId, abortSignal) {
      try {
        await client.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }), { abortSignal });
      } catch (error) {
        if ((error as Error).name !== "NoSuchEntityException") throw error;
      }
    },
    async lastUsed(AccessKeyId, abortSignal) {
      const answer = await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }), { abortSignal });
      return answer.AccessKeyLastUsed?.LastUsedDate;
    },
  };
}
