import assert from "node:assert/strict";
import { awsRestarted } from "../../../rotation/gates/awsRestarted";
import { ecs } from "../../../rotation/ports/ecs";
import { AwsRestarts } from "../../../rotation/run/awsRestarts";
import { Functions } from "../consumers/functions";
import { context as contextOf } from "../context";
import { type Deployment, type EcsStandIn, startEcs } from "./ecsStandIn";

const before: Deployment = {
  id: "ecs-svc/1",
  status: "PRIMARY",
  rolloutState: "COMPLETED",
  runningCount: 2,
  desiredCount: 2,
};
const older: Deployment = { ...before, status: "ACTIVE" };
const begun: Deployment = { ...before, id: "ecs-svc/2", rolloutState: "IN_PROGRESS", runningCount: 0 };
const done: Deployment = { ...begun, rolloutState: "COMPLETED", runningCount: 2 };
const failed: Deployment = { ...begun, rolloutState: "FAILED", rolloutStateReason: "tasks failed to start" };
const back: Deployment = { ...begun, id: "ecs-svc/3", rolloutStateReason: "rolling back to deploymentId ecs-svc/1" };

describe("the gate of a Lambda function", () => {
  it("waits for invocations that began before, as long as the function lets them run", async () => {
    const functions = new Functions();
    functions.latest = { ...functions.latest, timeoutSeconds: 1 };
    const consumers = [{ kind: "LambdaFunction", name: "orders" }];
    const clock = { now: () => new Date() };
    const context = contextOf({ consumers, externalSecret: undefined }, { lambda: functions, clock });
    const [consumer] = context.secret.awsConsumers;
    assert.ok(consumer);
    const restarts = new AwsRestarts();
    restarts.intend(context, "v2");
    await awsRestarted(context, "v2", consumer, { restart: () => restarts.restart(consumer, context.ports) });
    assert.deepEqual(functions.done, ["variables"]);
    assert.ok(Date.now() - functions.latest.modifiedAt.getTime() >= 1000);
  });
});

describe("the gate of an ECS service", () => {
  let service: EcsStandIn;
  const credentials = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const saved = { ...process.env };
  beforeEach(async () => {
    Object.assign(process.env, credentials);
    service = await startEcs([before]);
  });
  afterEach(() => {
    for (const name of Object.keys(credentials)) delete process.env[name];
    Object.assign(process.env, saved);
    service.stop();
  });

  /** As a run of its own does it. */
  async function run(versionId = "v2"): Promise<string> {
    const aws = ecs({ region: "eu-west-1", endpoints: { ecs: service.url } });
    const consumers = [{ kind: "EcsService", cluster: "shop", name: "web" }];
    const clock = { now: () => new Date() };
    const context = contextOf({ consumers, externalSecret: undefined, rolloutTimeout: "5s" }, { ecs: aws, clock });
    const [consumer] = context.secret.awsConsumers;
    assert.ok(consumer);
    const restarts = new AwsRestarts();
    restarts.intend(context, versionId);
    const restart = () => restarts.restart(consumer, context.ports);
    return awsRestarted(context, versionId, consumer, { restart }).then(
      () => "restarted",
      (error: Error) => error.message,
    );
  }

  it("waits until the new deployment is complete, and no older task runs", async () => {
    service.next([begun, older], [done, older], [done]);
    assert.equal(await run(), "restarted");
    assert.equal(service.redeployed(), 1);
    assert.equal(service.tags.get("dev.secret-rotation/shop.key"), "v2 ecs-svc/1");
  });

  it("goes on with a deployment that an earlier run has begun", async () => {
    service.next([done]);
    assert.equal(await run(), "restarted");
    assert.equal(await run(), "restarted");
    assert.equal(service.redeployed(), 1);
    service.next([{ ...done, id: "ecs-svc/9" }]);
    assert.equal(await run("v3"), "restarted");
    assert.equal(service.redeployed(), 2);
  });

  it("tells that the circuit breaker has rolled back, and restarts nothing once more", async () => {
    service.next([begun, older], [back, { ...failed, status: "ACTIVE" }, older]);
    const message = await run();
    assert.match(
      message,
      /EcsService shop\/web: its deployment ecs-svc\/2 has failed \(tasks failed to start\); the circuit/,
    );
    assert.equal(service.redeployed(), 1);
    // Its tasks began after AWSCURRENT had moved.
    service.now([{ ...back, rolloutState: "COMPLETED", runningCount: 2 }]);
    assert.equal(await run(), "restarted");
    assert.equal(service.redeployed(), 1);
  });

  it("a deployment that failed without a way back is begun again by the next run", async () => {
    service.next([failed, older]);
    assert.match(await run(), /its deployment ecs-svc\/2 has failed \(tasks failed to start\)$/);
    service.next(
      [
        { ...done, id: "ecs-svc/4" },
        { ...failed, status: "ACTIVE" },
      ],
      [{ ...done, id: "ecs-svc/4" }],
    );
    assert.equal(await run(), "restarted");
    assert.equal(service.redeployed(), 2);
  });

  it("ends when the time is over, and says what is missing", async () => {
    service.next([begun, older]);
    assert.match(await run(), /EcsService shop\/web is not restarted after 5 s: 0 of 2 tasks of its deployment run/);
  });
});
