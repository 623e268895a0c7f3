import assert from "node:assert/strict";
import { readStackConfig } from "../../../rotation/rotators/readStackConfig";
import { problemsOf } from "./problems";

const externalSecret = { target: "key", keys: [{ key: "KEY" }] };

describe("the consumers of a secret", () => {
  const read = (consumers: readonly unknown[], more: object = {}) => {
    const secrets = [{ name: "key", kind: "app", consumers, ...more }];
    return readStackConfig("dev", { "aws:region": "eu-west-1", "secret-rotation:secrets": secrets }).secrets[0];
  };
  const wrong = (consumers: readonly unknown[], more: object = { externalSecret }) =>
    problemsOf(() => read(consumers, more));

  it("are Deployments unless they say a kind, and have what follows from it", () => {
    const secret = read(
      [
        { namespace: "shop", name: "web", takes: "env" },
        { namespace: "shop", kind: "CronJob", name: "report", takes: "env" },
        { namespace: "shop", kind: "Rollout", name: "api", takes: "volume" },
      ],
      { externalSecret },
    );
    assert.deepEqual(
      secret?.consumers.map(({ kind, isPatched, api }) => [kind, isPatched, api.plural]),
      [
        ["Deployment", true, "deployments"],
        ["CronJob", false, "cronjobs"],
        ["Rollout", true, "rollouts"],
      ],
    );
  });

  it("in AWS need no way into Kubernetes", () => {
    const secret = read([
      { kind: "EcsService", name: "web" },
      { kind: "LambdaFunction", name: "orders", alias: "live" },
    ]);
    assert.deepEqual(secret?.awsConsumers, [
      { kind: "EcsService", id: "default/web", fields: { cluster: "default", name: "web" } },
      { kind: "LambdaFunction", id: "orders/live", fields: { name: "orders", alias: "live" } },
    ]);
  });

  it("are refused with all that is wrong with them", () => {
    const problems = wrong([
      "web",
      { kind: "Task", name: "web" },
      { kind: "EcsService", name: "we b", namespace: "shop" },
      { kind: "LambdaFunction", name: "orders", alias: "12" },
      { kind: "CronJob", namespace: "shop", name: "report", takes: "env", restart: "driver" },
    ]);
    assert.deepEqual(
      problems.map((problem) => problem.replace(/^secrets\[0\]\.consumers/, "")),
      [
        "[0]: must be an object with kind and name",
        "[1].kind: there is no consumer of kind Task: choose from Deployment, StatefulSet, DaemonSet, Rollout, CronJob, EcsService, LambdaFunction",
        "[2].name: must be at most 255 letters, digits, - and _",
        "[2].namespace: is not a known key: remove or correct it",
        "[3].alias: must be the name of an alias: letters, digits, - and _, and no number",
        "[4].restart: nobody restarts a CronJob: leave it out",
      ],
    );
    const twice = { kind: "EcsService", name: "web" };
    assert.deepEqual(wrong([twice, twice], {}), [
      "secrets[0].consumers: the consumer EcsService default/web is declared already at secrets[0].consumers",
    ]);
    assert.match(wrong([], {}).join(), /externalSecret: is needed, unless a consumer in AWS takes it/);
  });
});
