import * as kms from "@pulumi/aws/kms";
import * as sns from "@pulumi/aws/sns";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmsDeclaration } from "./config/alarmsSchema";
import { alarmsName } from "./names";

/**
 * The topic that the stack's alarms tell, encrypted, with its subscribers. CloudWatch may publish to it, for alarms of this account alone.
 *
 * @returns its ARN
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export function alarmsTopic(
  { kmsKeyId, emails }: AlarmsDeclaration,
  place: Place,
  tags: Readonly<Record<string, string>>,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { environment } = place;
  const kmsMasterKeyId = kmsKeyId ?? createKey(place, tags, options);
  const { arn } = new sns.Topic("alarms", { name: alarmsName(environment), kmsMasterKeyId, tags }, options);
  new sns.TopicPolicy("alarms", { arn, policy: arn.apply(topicPolicy) }, options);
  for (const endpoint of emails) {
    new sns.TopicSubscription(`alarms/${endpoint}`, { topic: arn, protocol: "email", endpoint }, options);
  }
  return arn;
}

interface Place {
  readonly environment: string;
  /** Twelve digits. */
  readonly account: string;
}

function createKey(
  { environment, account }: Place,
  tags: Readonly<Record<string, string>>,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const description = `Encrypts what the alarms of secret rotation say, environment ${environment}`;
  const policy = keyPolicy(account);
  return new kms.Key("alarms", { description, enableKeyRotation: true, policy, tags }, options).arn;
}

const ofCloudWatch = { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } } as const;

/** IAM decides who else may use it. */
function keyPolicy(account: string): string {
  return document([
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
    {
      Sid: "CloudWatchPublishes",
      ...ofCloudWatch,
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    },
  ]);
}

function topicPolicy(arn: string): string {
  const [, partition, , region, account] = arn.split(":");
  const alarms = `arn:${partition}:cloudwatch:${region}:${account}:alarm:*`;
  return document([
    {
      Sid: "AlarmsPublish",
      ...ofCloudWatch,
      Action: "sns:Publish",
      Resource: arn,
      Condition: { ArnLike: { "aws:SourceArn": alarms }, StringEquals: { "aws:SourceAccount": account } },
    },
  ]);
}

function document(Statement: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
