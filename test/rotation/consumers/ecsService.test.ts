import assert from "node:assert/strict";
import type { EcsServiceState } from "../../../rotation/consumers/awsPorts";
import { ecsService } from "../../../rotation/consumers/ecsService";
import { ports } from "../context";

describe("whether an ECS service can be restarted", () => {
  const service: EcsServiceState = {
    ...{ arn: "arn:aws:ecs:eu-west-1:123456789012:service/shop/web", status: "ACTIVE", controller: "ECS" },
    ...{ tags: new Map(), deployments: [] },
  };
  const look = (state: EcsServiceState | undefined) => {
    const ecs = { service: async () => state, tag: async () => undefined, redeploy: async () => undefined };
    return ecsService.look({ cluster: "shop", name: "web" }, ports({ ecs }), new Map());
  };

  for (const [what, more, why] of [
    ["by a rolling update of ECS", {}, undefined],
    ["not while it is being deleted", { status: "DRAINING" }, "is being deleted"],
    ["not by CodeDeploy", { controller: "CODE_DEPLOY" }, "has the deployment controller CODE_DEPLOY"],
    [
      "not where it cannot be tagged",
      { arn: "arn:aws:ecs:eu-west-1:123456789012:service/web" },
      "has an ARN in the old format",
    ],
  ] as const) {
    it(what, async () => assert.equal((await look({ ...service, ...more }))?.heldBack?.why, why));
  }

  it("one that was deleted is none", async () => {
    assert.equal(await look({ ...service, status: "INACTIVE" }), undefined);
    assert.equal(await look(undefined), undefined);
  });
});
