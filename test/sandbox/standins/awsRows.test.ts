import assert from "node:assert/strict";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { SNS } from "@aws-sdk/client-sns";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as sns from "@pulumi/aws/sns";
import { describe, it } from "mocha";
import { createTestStack, type TestStack } from "./testing/testStack";

/** The same document, with other white space and the properties in another order. */
const written = (document: object) => JSON.stringify(Object.fromEntries(Object.entries(document).reverse()), null, 1);

describe("aws provider stand-in: types that are rows", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let name: string;
  let clients: { iam: IAM; sns: SNS; cloudwatch: CloudWatch };

  before(async () => {
    stack = await createTestStack("rows");
    name = stack.unique;
    const { AWS_ENDPOINT_URL: endpoint = "" } = stack.sandbox.env;
    const client = { endpoint, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    clients = { iam: new IAM(client), sns: new SNS(client), cloudwatch: new CloudWatch(client) };
  });
  afterEach(() => stack.destroy());

  /** Made, found unchanged after a refresh and by documents that say the same, then changed. */
  async function changes(program: (more: object) => void, more: object) {
    const run = (given: object) => stack.up(async () => void program(given));
    await run({});
    await stack.refresh();
    const again = await run({});
    assert.deepEqual(again.steps, [], JSON.stringify(again.diffs));
    const { steps, diffs } = await run(more);
    await stack.refresh();
    const after = await run(more);
    assert.deepEqual(after.steps, [], JSON.stringify(after.diffs));
    return { steps, diffs };
  }
  const trust = (action = "sts:AssumeRole") => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: action }],
  });

  it("a role changes in place, and is replaced for another name", async () => {
    const role = (more: object) =>
      new iam.Role("role", { name, assumeRolePolicy: JSON.stringify(trust()), tags: { a: "1", b: "1" }, ...more });
    const found = await changes(role, {
      assumeRolePolicy: written(trust("sts:TagSession")),
      description: "rotates",
      maxSessionDuration: 7200,
      tags: { a: "2" },
    });
    assert.deepEqual(found, {
      steps: ["update role"],
      diffs: {
        role: [
          "assumeRolePolicy",
          "description",
          "maxSessionDuration",
          'tags["a"]',
          'tags["b"]',
          'tagsAll["a"]',
          'tagsAll["b"]',
        ].map((path) => path.replace(/\["(.)"\]/, ".$1")),
      },
    });
    const { Role } = await clients.iam.getRole({ RoleName: name });
    assert.deepEqual(
      [Role?.MaxSessionDuration, Role?.Description, Role?.Tags],
      [7200, "rotates", [{ Key: "a", Value: "2" }]],
    );
    assert.deepEqual(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")), trust("sts:TagSession"));
    const same = await stack.up(
      async () =>
        void role({
          assumeRolePolicy: written(trust("sts:TagSession")),
          ...{ description: "rotates", maxSessionDuration: 7200, tags: { a: "2" } },
        }),
    );
    assert.deepEqual(same.steps, []);
    const { steps } = await stack.up(async () => void role({ name: `${name}-other` }));
    assert.deepEqual(steps, ["create-replacement role", "replace role", "delete-replaced role"]);
    await assert.rejects(clients.iam.getRole({ RoleName: name }), { name: "NoSuchEntityException" });
  });

  it("a role's policy changes in place, and one that was deleted outside comes back", async () => {
    const policy = (Sid: string) => ({
      Version: "2012-10-17",
      Statement: [{ Sid, Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }],
    });
    const program = (more: object) => {
      const { name: role } = new iam.Role("role", { name, assumeRolePolicy: JSON.stringify(trust()) });
      new iam.RolePolicy("policy", { name: "own", role, policy: JSON.stringify(policy("A")), ...more });
    };
    const found = await changes(program, { policy: written(policy("B")) });
    assert.deepEqual(found, { steps: ["update policy"], diffs: { policy: ["policy"] } });
    const key = { RoleName: name, PolicyName: "own" };
    const { PolicyDocument = "" } = await clients.iam.getRolePolicy(key);
    assert.deepEqual(JSON.parse(decodeURIComponent(PolicyDocument)), policy("B"));
    await clients.iam.deleteRolePolicy(key);
    await stack.refresh();
    assert.deepEqual((await stack.up(async () => void program({ policy: written(policy("B")) }))).steps, [
      "create policy",
    ]);
    await stack.destroy();
    await assert.rejects(clients.iam.getRole({ RoleName: name }), { name: "NoSuchEntityException" });
  });

  it("an OIDC provider is found by its URL, and the account has one of it", async () => {
    const url = `https://${name}.example.com`;
    const arn = `arn:aws:iam::123456789012:oidc-provider/${name}.example.com`;
    const provider = (more: object) =>
      new iam.OpenIdConnectProvider("github", { url, clientIdLists: ["sts.amazonaws.com"], ...more });
    const { steps } = await changes(provider, { tags: { a: "1" } });
    assert.deepEqual(steps, ["update github"]);
    const { outputs } = await stack.up(async () => {
      provider({ tags: { a: "1" } });
      return { found: (await iam.getOpenIdConnectProvider({ url })).arn };
    });
    assert.equal(outputs.found?.value, arn);
    await assert.rejects(
      stack.up(async () => {
        provider({ tags: { a: "1" } });
        await iam.getOpenIdConnectProvider({ url: "https://nobody.example.com" });
      }),
      /finding IAM OIDC Provider by url \(https:\/\/nobody\.example\.com\): not found/,
    );
    await assert.rejects(
      stack.up(async () => {
        provider({ tags: { a: "1" } });
        new iam.OpenIdConnectProvider("second", { url, clientIdLists: ["sts.amazonaws.com"] });
      }),
      /EntityAlreadyExists/,
    );
    await stack.destroy();
    await assert.rejects(clients.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: arn }));
  });

  it("a topic, its policy and its subscription change in place", async () => {
    const arn = `arn:aws:sns:eu-west-1:123456789012:${name}`;
    const policy = (Service: string) => ({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sns:Publish", Resource: arn }],
    });
    type More = { topic?: object; policy?: string; subscription?: object };
    const program = ({ topic, policy: document, subscription }: More) => {
      const made = new sns.Topic("topic", { name, kmsMasterKeyId: "alias/aws/sns", tags: { a: "1" }, ...topic });
      new sns.TopicPolicy("policy", {
        arn: made.arn,
        policy: document ?? JSON.stringify(policy("cloudwatch.amazonaws.com")),
      });
      const endpoint = "arn:aws:sqs:eu-west-1:123456789012:queue";
      new sns.TopicSubscription("subscription", { topic: made.arn, protocol: "sqs", endpoint, ...subscription });
    };
    const found = await changes(program, {
      topic: { kmsMasterKeyId: "alias/other", displayName: "Rotations", tags: { a: "2" } },
      policy: written(policy("events.amazonaws.com")),
      subscription: { rawMessageDelivery: true, filterPolicy: JSON.stringify({ result: ["failed"] }) },
    });
    assert.deepEqual(found.steps.sort(), ["update policy", "update subscription", "update topic"]);
    const { Attributes } = await clients.sns.getTopicAttributes({ TopicArn: arn });
    assert.deepEqual([Attributes?.KmsMasterKeyId, Attributes?.DisplayName], ["alias/other", "Rotations"]);
    assert.deepEqual(JSON.parse(Attributes?.Policy ?? ""), policy("events.amazonaws.com"));
    const { Subscriptions: [subscription] = [] } = await clients.sns.listSubscriptionsByTopic({ TopicArn: arn });
    const told = await clients.sns.getSubscriptionAttributes({ SubscriptionArn: subscription?.SubscriptionArn });
    assert.deepEqual(
      [told.Attributes?.RawMessageDelivery, told.Attributes?.FilterPolicy],
      ["true", JSON.stringify({ result: ["failed"] })],
    );
    await stack.destroy();
    await assert.rejects(clients.sns.getTopicAttributes({ TopicArn: arn }));
  });

  it("an alarm and a dashboard change in place, and are replaced for another name", async () => {
    const body = (title: string) => ({ widgets: [{ type: "text", properties: { title, markdown: "x" } }] });
    type More = { alarm?: object; dashboard?: object };
    const program = ({ alarm, dashboard }: More) => {
      new cloudwatch.MetricAlarm("alarm", {
        ...{ name, namespace: "SecretRotation", metricName: "RotationFailure", statistic: "Sum", period: 300 },
        ...{ comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1, evaluationPeriods: 1 },
        ...{
          dimensions: { Environment: "dev", SecretName: "shop/a" },
          alarmActions: ["arn:aws:sns:eu-west-1:123456789012:b"],
        },
        ...{ alarmDescription: "failed", treatMissingData: "notBreaching", tags: { a: "1" } },
        ...alarm,
      });
      new cloudwatch.Dashboard("dashboard", {
        dashboardName: name,
        dashboardBody: JSON.stringify(body("A")),
        ...dashboard,
      });
    };
    const found = await changes(program, {
      alarm: {
        threshold: 2,
        alarmDescription: undefined,
        tags: { a: "2" },
        evaluationPeriods: 2,
        datapointsToAlarm: 1,
      },
      dashboard: { dashboardBody: written(body("B")) },
    });
    assert.deepEqual(found.steps.sort(), ["update alarm", "update dashboard"]);
    const { MetricAlarms: [alarm] = [] } = await clients.cloudwatch.describeAlarms({ AlarmNames: [name] });
    assert.deepEqual(
      [
        alarm?.Threshold,
        alarm?.AlarmDescription,
        alarm?.EvaluationPeriods,
        alarm?.DatapointsToAlarm,
        alarm?.TreatMissingData,
      ],
      [2, undefined, 2, 1, "notBreaching"],
    );
    assert.deepEqual(alarm?.Dimensions, [
      { Name: "Environment", Value: "dev" },
      { Name: "SecretName", Value: "shop/a" },
    ]);
    const { DashboardBody = "" } = await clients.cloudwatch.getDashboard({ DashboardName: name });
    assert.deepEqual(JSON.parse(DashboardBody), body("B"));
    const { steps } = await stack.up(async () => void program({ alarm: { name: `${name}-other` } }));
    assert.ok(steps.includes("create-replacement alarm"), steps.join());
    await stack.destroy();
    assert.deepEqual(
      (await clients.cloudwatch.describeAlarms({ AlarmNames: [name, `${name}-other`] })).MetricAlarms,
      [],
    );
  });

  it("what the rows leave out of a type is refused", async () => {
    await assert.rejects(
      stack.up(async () => void new sns.Topic("topic", { name, fifoTopic: true })),
      /does not implement it\. Examine values at 'topic\.fifoTopic'/,
    );
  });
});
