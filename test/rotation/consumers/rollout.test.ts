import assert from "node:assert/strict";
import { rollout } from "../../../rotation/consumers/rollout";
import type { WorkloadObject } from "../../../rotation/consumers/workloadObject";

/** The statuses that Argo's own code comes to, see utils/rollout/rolloututil.go. */
describe("where a Rollout stands", () => {
  const healthy = {
    observedGeneration: "2",
    phase: "Healthy",
    stableRS: "b",
    currentPodHash: "b",
    replicas: 2,
    updatedReplicas: 2,
  };
  const found = (status: WorkloadObject["status"], spec: WorkloadObject["spec"] = {}): WorkloadObject => ({
    metadata: { name: "web", generation: 2 },
    spec: spec ?? {},
    status: { ...healthy, ...status },
  });

  for (const [what, status, waitsFor] of [
    ["all new", {}, undefined],
    ["a change that its controller has not seen", { observedGeneration: "1" }, /has not seen the change/],
    ["half-way", { phase: "Progressing", message: "more replicas need to be updated" }, /progressing \(more replicas/],
    [
      "a canary's pause",
      { phase: "Paused", pauseConditions: [{ reason: "CanaryPauseStep" }] },
      /paused \(CanaryPauseStep\).*promote/,
    ],
    ["just promoted", { controllerPause: true }, /goes on after a pause/],
    ["not the stable one yet", { stableRS: "a" }, /not the stable ones/],
    ["blue-green before scaleDownDelaySeconds", { replicas: 4 }, /2 old replicas have not ended/],
  ] as const) {
    it(`${what}: ${waitsFor ?? "rolled out"}`, () => {
      const text = rollout.waitsFor(found(status as WorkloadObject["status"]));
      if (waitsFor) assert.match(text ?? "", waitsFor);
      else assert.equal(text, undefined);
    });
  }

  it("aborted or degraded has failed, once its controller has seen the change", () => {
    const aborted = { phase: "Degraded", message: "RolloutAborted: metric failed", abort: true };
    assert.match(
      rollout.failed?.(found(aborted)) ?? "",
      /was aborted \(RolloutAborted: metric failed\).* retry rollout web/,
    );
    assert.match(
      rollout.failed?.(found({ phase: "Degraded", message: "InvalidSpec" })) ?? "",
      /is degraded \(InvalidSpec\)/,
    );
    assert.equal(rollout.failed?.(found({ ...aborted, observedGeneration: "1" })), undefined);
    assert.equal(rollout.failed?.(found({})), undefined);
  });

  it("is held back by a pause, and by a template of another object", () => {
    assert.equal(rollout.heldBack(found({}))?.why, undefined);
    assert.equal(rollout.heldBack(found({}, { paused: true }))?.why, "is paused");
    const workloadRef = { kind: "Deployment", name: "web" };
    assert.match(rollout.heldBack(found({}, { workloadRef }))?.why ?? "", /from Deployment web \(workloadRef\)/);
  });
});
