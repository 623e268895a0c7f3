import assert from "node:assert/strict";
import { ConfigurationError } from "../../infra/config/stackConfig";
import { dashboardBody } from "../../infra/dashboard";
import { metrics } from "../../infra/names";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { oneOf, type Registered, registeredFor } from "./registered";

const secrets = [
  { name: "shop/bastion", kind: "ssh-key", maxAgeDays: 30 },
  { name: "shop/other", kind: "ssh-key" },
];
const topic = "arn:aws:sns:eu-west-1:123456789012:on-call";
const typesOf = (registered: readonly Registered[]) => registered.map(({ type }) => type.split(":").at(-1));

describe("the alarms of a stack", () => {
  it("are two for each secret, on its own metrics, and tell a topic that the stack makes", async () => {
    const found = await registeredFor({ secrets, alarms: {} });
    assert.deepEqual(typesOf(found).sort(), [
      "Dashboard",
      "Key",
      ...Array.from({ length: 4 }, () => "MetricAlarm"),
      "Secret",
      "Secret",
      "Topic",
      "TopicPolicy",
    ]);
    const arn = "arn:aws:sns:eu-west-1:123456789012:alarms";
    for (const [name, metric, threshold] of [
      ["shop/bastion/failed", "RotationFailure", 1],
      ["shop/bastion/overdue", "SecretAgeDays", 30],
      ["shop/other/overdue", "SecretAgeDays", 365],
    ] as const) {
      const alarm = oneOf(found, "MetricAlarm", name);
      const secret = name.split("/").slice(0, 2).join("/");
      assert.equal(alarm.name, `secret-rotation/prod/${name}`);
      assert.deepEqual(
        [alarm.namespace, alarm.metricName, alarm.dimensions, alarm.threshold],
        ["SecretRotation", metric, { Environment: "prod", SecretName: `prod/${secret}` }, threshold],
      );
      assert.deepEqual([alarm.alarmActions, alarm.okActions], [[arn], [arn]]);
      assert.match(alarm.alarmDescription, /npm run rotation -- .* --stack prod/);
    }
  });

  it("watch no sum of successes, which would ring on success", async () => {
    const found = await registeredFor({ secrets, alarms: {} });
    assert.ok(!found.some(({ inputs }) => inputs.metricName === metrics.names.success));
  });

  it("stay within what CloudWatch looks back", async () => {
    for (const silentAfter of ["2h", "2d", "7d"]) {
      const { period, evaluationPeriods } = oneOf(
        await registeredFor({ secrets, alarms: { silentAfter } }),
        "MetricAlarm",
        "shop/bastion/overdue",
      );
      assert.ok(period >= 3600 && period * evaluationPeriods <= 604_800, `${period} × ${evaluationPeriods}`);
    }
  });

  it("reach the topic: it and its key let CloudWatch in, for alarms of this account alone", async () => {
    const found = await registeredFor({ secrets, alarms: { emails: ["on-call@example.com"] } });
    const key = oneOf(found, "Key");
    const [account, cloudWatch] = JSON.parse(key.policy).Statement;
    assert.deepEqual(account.Principal, { AWS: "arn:aws:iam::123456789012:root" });
    assert.deepEqual(cloudWatch.Principal, { Service: "cloudwatch.amazonaws.com" });
    assert.deepEqual(cloudWatch.Action, ["kms:Decrypt", "kms:GenerateDataKey*"]);
    assert.deepEqual(cloudWatch.Condition, { StringEquals: { "aws:SourceAccount": "123456789012" } });
    assert.equal(oneOf(found, "Topic").kmsMasterKeyId, "arn:aws:kms:eu-west-1:123456789012:alarms");
    const { arn, policy } = oneOf(found, "TopicPolicy");
    const [statement] = JSON.parse(policy).Statement;
    assert.deepEqual([statement.Action, statement.Resource], ["sns:Publish", arn]);
    assert.deepEqual(statement.Condition, {
      ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*" },
      StringEquals: { "aws:SourceAccount": "123456789012" },
    });
    const { protocol, endpoint, topic: subscribed } = oneOf(found, "TopicSubscription");
    assert.deepEqual([protocol, endpoint, subscribed], ["email", "on-call@example.com", arn]);
  });

  it("tell a topic that is there, with a key that is there", async () => {
    const elsewhere = await registeredFor({ secrets, alarms: { topic, dashboard: false } });
    assert.deepEqual([...new Set(typesOf(elsewhere))].sort(), ["MetricAlarm", "Secret"]);
    assert.deepEqual(oneOf(elsewhere, "MetricAlarm", "shop/other/failed").alarmActions, [topic]);
    const keyed = await registeredFor({ secrets, alarms: { kmsKeyId: "alias/alarms" } });
    assert.ok(!typesOf(keyed).includes("Key"));
    assert.equal(oneOf(keyed, "Topic").kmsMasterKeyId, "alias/alarms");
  });

  it("are none where the stack declares none, or has no secrets", async () => {
    assert.deepEqual([...new Set(typesOf(await registeredFor({ secrets })))], ["Secret"]);
    assert.deepEqual(await registeredFor({ secrets: [], alarms: {} }), []);
  });

  it("have a dashboard: ages against limits, results, durations", async () => {
    const { dashboardName, dashboardBody: declared } = oneOf(await registeredFor({ secrets, alarms: {} }), "Dashboard");
    assert.equal(dashboardName, "secret-rotation-prod");
    const many = Array.from({ length: 120 }, (_, i) => ({ name: `shop/key-${i}`, kind: "ssh-key" }));
    const bodyFor = (all: object[]) =>
      JSON.stringify(
        dashboardBody(readStackConfig("prod", { "aws:region": "eu-west-1", "secret-rotation:secrets": all })),
      );
    assert.equal(declared, bodyFor(secrets));
    const { widgets } = JSON.parse(bodyFor([...secrets, ...many]));
    const ages = widgets.filter(({ properties }: Registered["inputs"]) => properties.annotations);
    // The limit of each graph is a line in it.
    assert.deepEqual(
      ages.map(({ properties: { annotations, metrics: lines } }: Registered["inputs"]) => [
        annotations.horizontal[0].value,
        lines.length,
      ]),
      [
        [30, 1],
        [365, 50],
        [365, 50],
        [365, 21],
      ],
    );
    const [line] = ages[0].properties.metrics;
    assert.deepEqual(line.slice(0, 6), [
      "SecretRotation",
      "SecretAgeDays",
      "Environment",
      "prod",
      "SecretName",
      "prod/shop/bastion",
    ]);
    const searches = widgets.flatMap(({ properties }: Registered["inputs"]) => properties.metrics[0].expression ?? []);
    for (const name of ["RotationSuccess", "RotationFailure", "RotationDurationSeconds", "DaysToExpiry"]) {
      assert.ok(searches.some((text: string) => text.includes(`MetricName="${name}" Environment="prod"`)));
    }
  });

  it("are refused with what is wrong, all at once", async () => {
    const alarms = {
      topic: topic.replace("eu-west-1", "us-east-1"),
      kmsKeyId: "alias/x",
      emails: ["nobody"],
      silentAfter: "8d",
    };
    await assert.rejects(registeredFor({ secrets, alarms }), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.deepEqual(
        error.problems.map(({ path, message }) => `${path}: ${message}`),
        [
          "alarms.emails[0]: must be an address, e.g. on-call@example.com",
          "alarms.silentAfter: must be from 2h to 7d, is 8d",
        ],
      );
      return true;
    });
    await assert.rejects(
      registeredFor({ secrets, alarms: { ...alarms, emails: [], silentAfter: "90m" } }),
      (error: Error) => {
        assert.match(error.message, /alarms\.silentAfter: must be (from|whole hours)/);
        return true;
      },
    );
    const { emails: _, silentAfter: __, ...misplaced } = alarms;
    await assert.rejects(registeredFor({ secrets, alarms: misplaced }), /alarms\.kmsKeyId: belongs to a topic/);
    const elsewhere = { topic: alarms.topic };
    await assert.rejects(registeredFor({ secrets, alarms: elsewhere }), /alarms\.topic: is in us-east-1/);
  });
});
