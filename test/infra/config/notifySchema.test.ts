import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:rotations";

function notify(declared: unknown) {
  return readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:notify": declared }).notify;
}

const problems = (declared: unknown) => problemsOf(() => notify(declared));

describe("who is told of a run", () => {
  it("may be nobody, a topic, a webhook whose URL is kept elsewhere, or both", () => {
    assert.equal(notify(undefined), undefined);
    const webhooks = [{ urlFrom: { env: "ROTATION_WEBHOOK_URL" } }, { urlFrom: { secret: "ops/webhook" } }];
    for (const declared of [{ sns: { topicArn } }, ...webhooks.map((webhook) => ({ sns: { topicArn }, webhook }))])
      assert.deepEqual(notify(declared), declared);
  });

  it("is told of all mistakes at once, each with its path", () => {
    assert.deepEqual(problems({}), ["notify: name who is told: sns or webhook"]);
    const both = { env: "A", secret: "b" };
    assert.deepEqual(problems({ sns: { topicArn: "rotations" }, webhook: { urlFrom: both }, slack: {} }), [
      "notify.sns.topicArn: must be the ARN of a topic (not a FIFO one): arn:aws:sns:REGION:ACCOUNT:NAME",
      "notify.webhook.urlFrom: name one: env, a variable's name, or secret, a name in Secrets Manager",
      "notify.slack: is not a known key: remove or correct it",
    ]);
    assert.deepEqual(problems({ sns: { topicArn: `${topicArn}.fifo` } }).length, 1);
  });

  it("has no URL in the configuration, and none in a variable that Pulumi's engine is given", () => {
    assert.deepEqual(problems({ webhook: { url: "https://hooks.example/T0/secret" } }), [
      "notify.webhook.urlFrom: Invalid input: expected object, received undefined",
      "notify.webhook.url: is not a known key: remove or correct it",
    ]);
    for (const env of ["AWS_WEBHOOK", "PULUMI_WEBHOOK", "SECRET_ROTATION_WEBHOOK"])
      assert.match(problems({ webhook: { urlFrom: { env } } })[0] ?? "", /is a name that Pulumi's engine is given too/);
  });
});
