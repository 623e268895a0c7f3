import { jsonText } from "./jsonText";
import type { Row, RowProperty } from "./row";

const region: RowProperty = { forceNew: true, computed: true };

/**
 * What of these moto does not tell is left out.
 *
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/sns/
 */
export const snsRows: Readonly<Record<string, Row>> = {
  "aws:sns/topic:Topic": {
    what: "SNS Topic",
    service: "sns",
    inputs: {
      deliveryPolicy: { normal: jsonText },
      displayName: {},
      kmsMasterKeyId: {},
      name: { forceNew: true, computed: true, autonamed: { unless: "namePrefix" }, untold: true },
      namePrefix: { forceNew: true, computed: true, untold: true },
      policy: { computed: true, normal: jsonText },
      region,
      tags: {},
      tagsAll: { computed: true },
    },
    outputs: { arn: { api: "TopicArn" }, owner: {} },
    key: ["arn"],
    create: { operation: "createTopic", sends: ["name", "Tags"] },
    read: { operation: "getTopicAttributes", at: ({ Attributes }) => Attributes },
    attributes: {
      operation: "setTopicAttributes",
      names: ["deliveryPolicy", "displayName", "kmsMasterKeyId", "policy"],
    },
    remove: { operation: "deleteTopic" },
    tags: {
      set: { operation: "tagResource", request: ({ arn, Tags }) => ({ ResourceArn: arn, Tags }) },
      unset: { operation: "untagResource", request: ({ arn, TagKeys }) => ({ ResourceArn: arn, TagKeys }) },
      list: { operation: "listTagsForResource", request: ({ arn }) => ({ ResourceArn: arn }) },
    },
    derived: ({ arn }) => ({ name: String(arn).split(":").at(-1) ?? "" }),
  },

  "aws:sns/topicPolicy:TopicPolicy": {
    what: "SNS Topic Policy",
    service: "sns",
    inputs: {
      arn: { required: true, forceNew: true, api: "TopicArn" },
      policy: { required: true, normal: jsonText },
      region,
    },
    outputs: { owner: {} },
    key: ["arn"],
    // It is an attribute of the topic: reading that says whether there is one.
    create: { operation: "getTopicAttributes" },
    read: { operation: "getTopicAttributes", at: ({ Attributes }) => Attributes },
    attributes: { operation: "setTopicAttributes", names: ["policy"] },
    remove: {
      operation: "setTopicAttributes",
      request: ({ arn, owner }) => ({
        ...{ TopicArn: arn, AttributeName: "Policy" },
        AttributeValue: JSON.stringify(defaultPolicy(String(arn), String(owner))),
      }),
    },
  },

  "aws:sns/topicSubscription:TopicSubscription": {
    what: "SNS Topic Subscription",
    service: "sns",
    inputs: {
      confirmationTimeoutInMinutes: { default: 1, untold: true },
      deliveryPolicy: { normal: jsonText },
      endpoint: { required: true, forceNew: true },
      endpointAutoConfirms: { default: false, untold: true },
      filterPolicy: { normal: jsonText },
      filterPolicyScope: { computed: true },
      protocol: { required: true, forceNew: true },
      rawMessageDelivery: { default: false },
      redrivePolicy: { normal: jsonText },
      region,
      topic: { required: true, forceNew: true, api: "TopicArn" },
    },
    outputs: {
      arn: { api: "SubscriptionArn" },
      confirmationWasAuthenticated: {},
      ownerId: { api: "Owner" },
      pendingConfirmation: {},
    },
    key: ["arn"],
    create: {
      operation: "subscribe",
      request: ({ endpoint, protocol, topic }) => ({
        ...{ Endpoint: endpoint, Protocol: protocol, TopicArn: topic, ReturnSubscriptionArn: true },
      }),
    },
    read: { operation: "getSubscriptionAttributes", at: ({ Attributes }) => Attributes },
    attributes: {
      operation: "setSubscriptionAttributes",
      names: ["deliveryPolicy", "filterPolicy", "filterPolicyScope", "rawMessageDelivery", "redrivePolicy"],
    },
    remove: { operation: "unsubscribe" },
  },
};

/** What a topic has without a policy of its own. */
function defaultPolicy(arn: string, owner: string) {
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  };
}
