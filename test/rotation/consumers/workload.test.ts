import assert from "node:assert/strict";
import type { WorkloadObject } from "../../../rotation/consumers/workloadObject";
import { workloadState } from "../../../rotation/ports/workload";

type Kind = Parameters<typeof workloadState>[0];

describe("where a workload stands", () => {
  const status = (kind: Kind, spec: WorkloadObject["spec"], status: WorkloadObject["status"]) =>
    workloadState(kind, {
      metadata: { generation: 2 },
      spec: spec ?? {},
      status: { observedGeneration: 2, ...status },
    });
  const revisions = { currentRevision: "b", updateRevision: "b" };

  const rollouts: [string, Kind, WorkloadObject["spec"], WorkloadObject["status"], string | undefined][] = [
    [
      "a change that its controller has not seen",
      "Deployment",
      { replicas: 1 },
      { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      "its controller has not seen the change yet",
    ],
    [
      "the new pod not made yet",
      "Deployment",
      { replicas: 2 },
      { replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
      "1 of 2 replicas are updated",
    ],
    [
      "the new pod not ready: only the old one is available",
      "Deployment",
      { replicas: 1 },
      { replicas: 2, updatedReplicas: 1, availableReplicas: 1 },
      "1 old replicas have not ended yet",
    ],
    [
      "the old pod gone before the new one is ready",
      "Deployment",
      { replicas: 1 },
      { replicas: 1, updatedReplicas: 1 },
      "0 of 1 replicas are available",
    ],
    ["all new", "Deployment", {}, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, undefined],
    ["scaled to none", "Deployment", { replicas: 0 }, {}, undefined],
    [
      "half-way",
      "StatefulSet",
      { replicas: 2 },
      { ...revisions, currentRevision: "a", updatedReplicas: 1, availableReplicas: 2 },
      "1 of 2 replicas are updated",
    ],
    [
      "a new pod not available",
      "StatefulSet",
      { replicas: 2 },
      { ...revisions, currentRevision: "a", updatedReplicas: 2, availableReplicas: 1 },
      "1 of 2 replicas are available",
    ],
    [
      "an end that its controller has not told",
      "StatefulSet",
      {},
      { ...revisions, currentRevision: "a", updatedReplicas: 1, availableReplicas: 1 },
      "its controller has not called the rollout done yet",
    ],
    ["all new", "StatefulSet", {}, { ...revisions, updatedReplicas: 1, availableReplicas: 1 }, undefined],
    [
      "half-way",
      "DaemonSet",
      {},
      { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
      "1 of 2 pods are updated",
    ],
    [
      "a new pod not available",
      "DaemonSet",
      {},
      { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
      "1 of 2 pods are available",
    ],
    [
      "all new",
      "DaemonSet",
      {},
      { desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 },
      undefined,
    ],
  ];
  for (const [what, kind, spec, found, waitsFor] of rollouts) {
    it(`${kind}, ${what}: ${waitsFor ?? "rolled out"}`, () =>
      assert.equal(status(kind, spec, found).waitsFor, waitsFor));
  }

  const held: [Kind, WorkloadObject["spec"], string | undefined][] = [
    ["Deployment", { paused: true }, "is paused"],
    ["Deployment", {}, undefined],
    ["StatefulSet", { updateStrategy: { type: "OnDelete" } }, "has the update strategy OnDelete"],
    [
      "StatefulSet",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
      "has the partition 1",
    ],
    ["StatefulSet", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } }, undefined],
    ["DaemonSet", { updateStrategy: { type: "OnDelete" } }, "has the update strategy OnDelete"],
    ["DaemonSet", { updateStrategy: { type: "RollingUpdate" } }, undefined],
  ];
  for (const [kind, spec, heldBack] of held) {
    it(`${kind} ${JSON.stringify(spec)}: ${heldBack ?? "restarts all of its pods"}`, () =>
      assert.equal(status(kind, spec, {}).heldBack?.why, heldBack));
  }
});
