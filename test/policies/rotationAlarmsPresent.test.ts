import assert from "node:assert/strict";
import type { Json, Pack, TestResource } from "./analyzer";
import { managedSecret, ofPolicy, reporter, secret } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "rotation-alarms-present";
const says = reporter(policy, "Each managed secret has an alarm for a failed and for an overdue rotation.");
const ordersDb = managedSecret("prod/shop/orders-db", 1);

function alarm(metricName: string, props: Json = {}): TestResource {
  return {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name: metricName,
    props: {
      namespace: "SecretRotation",
      metricName,
      dimensions: { SecretName: "prod/shop/orders-db" },
      alarmActions: ["arn:aws:sns:eu-west-1:123456789012:on-call"],
      ...props,
    },
  };
}
const failed = alarm("RotationFailure");
const overdue = alarm("SecretAgeDays");
const missing = (...metrics: string[]) =>
  says(
    "mandatory",
    `prod/shop/orders-db has no alarm with an action on ${metrics.map((metric) => `SecretRotation ${metric}`).join(" and ")}: ` +
      "declare secret-rotation:alarms, or add a MetricAlarm with SecretName=prod/shop/orders-db",
  );

describe("policies/rotationAlarmsPresent", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
  });

  async function judged(resources: TestResource[], config: Json = {}) {
    await pack.configure({ [policy]: config });
    return ofPolicy(policy, await pack.analyzeStack(resources));
  }

  it("passes a secret with both alarms", async () => {
    assert.deepEqual(await judged([ordersDb, failed, overdue]), []);
  });

  it("reports each alarm that is missing", async () => {
    assert.deepEqual(await judged([ordersDb]), [missing("RotationFailure", "SecretAgeDays")]);
    assert.deepEqual(await judged([ordersDb, failed]), [missing("SecretAgeDays")]);
    assert.deepEqual(await judged([ordersDb, overdue]), [missing("RotationFailure")]);
  });

  it("does not count an alarm of another secret, switched off, or without an action", async () => {
    const others: Json[] = [
      { dimensions: { SecretName: "prod/shop/reports-db" } },
      { namespace: "Other" },
      { actionsEnabled: false },
      { alarmActions: [] },
    ];
    for (const props of others) {
      assert.deepEqual(await judged([ordersDb, failed, alarm("SecretAgeDays", props)]), [missing("SecretAgeDays")]);
    }
  });

  it("takes the names of the metrics from the configuration", async () => {
    const config = { namespace: "Ops", failureMetric: "Failed", overdueMetric: "Late", dimension: "Name" };
    const props = { namespace: "Ops", dimensions: { Name: "prod/shop/orders-db" } };
    assert.deepEqual(await judged([ordersDb, alarm("Failed", props), alarm("Late", props)], config), []);
    assert.equal((await judged([ordersDb, failed, overdue], config)).length, 1);
  });

  it("asks for none on a secret that nobody manages", async () => {
    assert.deepEqual(await judged([secret("other/thing", {})]), []);
  });
});
