import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { type AwsSettings, awsClient } from "./awsClient";

export interface SnsMessage {
  /** At most 99 ASCII characters in one line. */
  readonly subject: string;
  readonly text: string;
  /** Texts by name. With the subject and the text they are 256 KiB at most. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the driver needs of SNS. */
export interface Sns {
  publish(topicArn: string, message: SnsMessage, signal: AbortSignal): Promise<void>;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export function sns(settings: AwsSettings): Sns {
  return {
    async publish(topicArn, { subject, text, attributes }, abortSignal) {
      // A topic is reached in its own region only: arn:aws:sns:REGION:ACCOUNT:NAME
      const region = topicArn.split(":")[3] ?? settings.region;
      const client = new SNSClient({ ...awsClient({ ...settings, region }, "sns"), maxAttempts: 3 });
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      );
      const message = { TopicArn: topicArn, Subject: subject, Message: text, MessageAttributes };
      await client.send(new PublishCommand(message), { abortSignal });
    },
  };
}
