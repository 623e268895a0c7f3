import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PropertyMap } from "../provider/propertyValues";
import type { KubernetesObject } from "./objects";
import { rolloutJudge, type WorkloadView } from "./rollout";

const revision = (value: string) => ({ "deployment.kubernetes.io/revision": value });

function workload(kind: string, spec: PropertyMap, status: PropertyMap, metadata: PropertyMap = {}): KubernetesObject {
  const own = { name: "web", namespace: "shop", uid: "web-uid", generation: 2, ...metadata };
  return { apiVersion: "apps/v1", kind, metadata: own, spec, status: { observedGeneration: 2, ...status } };
}

function replicaSet(readyReplicas: number, number: string, replicas = 2): KubernetesObject {
  const metadata = { uid: `rs-${number}`, ownerReferences: [{ uid: "web-uid" }], annotations: revision(number) };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: { replicas }, status: { readyReplicas } };
}

function judge(view: Partial<WorkloadView> & Pick<WorkloadView, "workload">) {
  const judged = rolloutJudge(view.workload)?.({ replicaSets: [], pods: [], ...view });
  assert.ok(judged);
  return judged;
}

describe("the rollout of a Deployment", () => {
  const available = { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "fine" };
  const done = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "done" };
  const deployment = (conditions: PropertyMap[], metadata: PropertyMap = {}, status: PropertyMap = {}) =>
    workload("Deployment", { replicas: 2 }, { conditions, ...status }, { annotations: revision("2"), ...metadata });

  it("is done when it is available and all pods of the newest revision are ready", () => {
    const replicaSets = [replicaSet(0, "1"), replicaSet(2, "2")];
    assert.deepEqual(judge({ workload: deployment([available, done]), replicaSets }), { done: true, reasons: [] });
  });

  const unfinished: Record<string, [WorkloadView["workload"], KubernetesObject[], RegExp]> = {
    "the controller has not seen it": [
      deployment([available, done], { generation: 3 }),
      [replicaSet(2, "2")],
      /not taken it up yet/,
    ],
    "the new revision has too few ready pods": [
      deployment([available, done]),
      [replicaSet(2, "1"), replicaSet(1, "2")],
      /minimum number of Pods did not become live/,
    ],
    "the new revision has not been scaled up yet": [
      deployment([available, done]),
      [replicaSet(1, "2", 1)],
      /minimum number of Pods did not become live/,
    ],
    "the new revision is still rolling out": [
      deployment([available, { ...done, reason: "ReplicaSetUpdated" }]),
      [replicaSet(2, "2")],
      /application live was not attained/,
    ],
    "too few pods are available": [
      deployment([{ ...available, status: "False", reason: "MinimumReplicasUnavailable", message: "no" }, done]),
      [replicaSet(2, "2")],
      /\[MinimumReplicasUnavailable\] no\nMinimum number of live Pods was not attained/,
    ],
    "its progress deadline is exceeded": [
      deployment([available, { ...done, status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" }]),
      [replicaSet(1, "2")],
      /\[ProgressDeadlineExceeded\] timed out/,
    ],
  };
  for (const [why, [object, replicaSets, reason]] of Object.entries(unfinished)) {
    it(`is not done while ${why}`, () => {
      const rollout = judge({ workload: object, replicaSets });
      assert.equal(rollout.done, false);
      assert.match(rollout.reasons.join("\n"), reason);
    });
  }

  it("says what is wrong with the pods of the newest revision, and of no other", () => {
    const pod = (name: string, owner: string, state: PropertyMap): KubernetesObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "shop", ownerReferences: [{ uid: owner }] },
      status: {
        conditions: [
          { type: "Ready", status: "False", reason: "ContainersNotReady", message: "containers with unready status" },
        ],
        containerStatuses: [{ name: "c", ready: false, state }],
      },
    });
    const pods = [
      pod("new", "rs-2", { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } }),
      pod("ended", "rs-2", { terminated: { reason: "Error", exitCode: 3 } }),
      pod("old", "rs-1", { waiting: { reason: "CrashLoopBackOff" } }),
    ];
    const { reasons } = judge({ workload: deployment([available, done]), replicaSets: [replicaSet(0, "2")], pods });
    assert.deepEqual(reasons.slice(1), [
      "[Pod shop/new]: containers with unready status [CrashLoopBackOff] back-off 10s",
      '[Pod shop/ended]: containers with unready status container "c" completed with exit code 3',
    ]);
  });
});

describe("the rollout of a StatefulSet", () => {
  const ready = { replicas: 3, readyReplicas: 3, currentReplicas: 3, currentRevision: "b", updateRevision: "b" };
  const statefulSet = (status: PropertyMap, spec: PropertyMap = {}) =>
    workload("StatefulSet", { replicas: 3, ...spec }, { ...ready, ...status });

  it("is done when all replicas are ready at the newest revision", () => {
    assert.equal(judge({ workload: statefulSet({}) }).done, true);
  });

  it("is not done while replicas are of the old revision or not ready", () => {
    const rolling = judge({ workload: statefulSet({ currentRevision: "a", currentReplicas: 1, updatedReplicas: 2 }) });
    assert.deepEqual(rolling, {
      done: false,
      reasons: [
        "2 out of 3 replicas succeeded readiness checks",
        'StatefulSet controller failed to advance from revision "a" to revision "b"',
      ],
    });
    assert.equal(judge({ workload: statefulSet({ observedGeneration: 1 }) }).done, false);
  });

  it("does not wait for pods that are replaced by hand", () => {
    const byHand = { updateStrategy: { type: "OnDelete" } };
    assert.equal(judge({ workload: statefulSet({ currentRevision: "a", currentReplicas: 0 }, byHand) }).done, true);
  });
});

describe("the rollout of a DaemonSet", () => {
  const numbers = [
    "desiredNumberScheduled",
    "currentNumberScheduled",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberReady",
  ];
  const all = Object.fromEntries(numbers.map((name) => [name, 2]));

  it("is done when every node has an available pod of the newest template", () => {
    assert.equal(judge({ workload: workload("DaemonSet", {}, all) }).done, true);
  });

  it("is not done before, and says what is missing", () => {
    const { done, reasons } = judge({ workload: workload("DaemonSet", {}, { ...all, updatedNumberScheduled: 1 }) });
    assert.deepEqual([done, reasons], [false, ["1 of 2 Pods are updated"]]);
    assert.equal(judge({ workload: workload("DaemonSet", {}, {}) }).done, false);
  });
});

it("other kinds have no rollout", () => {
  assert.equal(rolloutJudge({ apiVersion: "v1", kind: "ConfigMap" }), undefined);
});
