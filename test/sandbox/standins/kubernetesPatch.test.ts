import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { waitFor } from "../process/waitFor";
import { sharedSandbox } from "../shared";
import { deployment, serverPod } from "../testing/workload";
import { clusterOf } from "./testing/cluster";
import { createTestStack, type TestStack } from "./testing/testStack";

const manager = { "pulumi.com/patchFieldManager": "secret-rotation" };

describe("kubernetes provider stand-in: patches and rollouts", function () {
  this.timeout(120_000);
  let cluster: ReturnType<typeof clusterOf>;
  let stack: TestStack;
  let namespace: string;

  before(async () => {
    cluster = clusterOf(await sharedSandbox());
  });

  beforeEach(async () => {
    stack = await createTestStack("k8s");
    namespace = stack.unique;
    await cluster.core.createNamespace({ body: { metadata: { name: namespace } } });
  });

  afterEach(async () => {
    await cluster.core.deleteNamespace({ name: namespace });
  });

  /** A Deployment that nobody but the test made, as a user's own would be. */
  async function existing(name: string, spec: Parameters<typeof deployment>[2] = serverPod({})) {
    const body = deployment(name, 1, spec);
    body.spec = { ...(body.spec as NonNullable<typeof body.spec>), progressDeadlineSeconds: 2 };
    await cluster.apps.createNamespacedDeployment({ namespace, body });
    await waitFor("the first pod", async () => (await readDeployment(name)).status?.readyReplicas === 1, {
      timeoutMs: 20_000,
    });
  }

  const readDeployment = (name: string) => cluster.apps.readNamespacedDeployment({ namespace, name });

  const patch =
    (name: string, annotations: Record<string, string>, options: pulumi.CustomResourceOptions = {}) =>
    async () => {
      const template = { metadata: { annotations } };
      const metadata = { name, namespace, annotations: manager };
      const { id } = new k8s.apps.v1.DeploymentPatch("patch", { metadata, spec: { template } }, options);
      return { id };
    };

  it("rolls a patched Deployment out, and is done when its new pods serve", async () => {
    await existing("web");
    const { outputs } = await stack.up(patch("web", { "secret-rotation/a": "1" }));
    assert.equal(outputs.id?.value, `${namespace}/web`);
    const { spec, status, metadata } = await readDeployment("web");
    assert.equal(spec?.template.metadata?.annotations?.["secret-rotation/a"], "1");
    assert.deepEqual([status?.observedGeneration, status?.updatedReplicas, status?.readyReplicas], [2, 1, 1]);
    const entry = metadata?.managedFields?.find(({ manager }) => manager === "secret-rotation");
    assert.equal(entry?.operation, "Apply");
    const recorded = stack.recorded("patch");
    assert.equal(recorded.outputs.__fieldManager, "secret-rotation");
    assert.equal(recorded.outputs.__initialApiVersion, "apps/v1");
  });

  it("gives the fields of a patch up when it is deleted, unless they are retained", async () => {
    await existing("web");
    await stack.up(patch("web", { kept: "1" }, { retainOnDelete: true }));
    await stack.up(async () => undefined);
    const annotations = async () => (await readDeployment("web")).spec?.template.metadata?.annotations ?? {};
    assert.deepEqual(await annotations(), { kept: "1" });
    await stack.up(patch("web", { given: "1" }));
    assert.deepEqual(await annotations(), { given: "1" });
    await stack.up(async () => undefined);
    assert.deepEqual(await annotations(), {});
  });

  it("fails with the reason when the new pods never get ready, and tries again next time", async () => {
    await existing("web");
    const timeouts = { customTimeouts: { create: "6s", update: "6s" } };
    const command = (command: string[]) => async () => {
      const annotations = { ...manager, "pulumi.com/patchForce": "true" };
      const template = { spec: { containers: [{ name: "server", command }] } };
      const metadata = { name: "web", namespace, annotations };
      new k8s.apps.v1.DeploymentPatch("patch", { metadata, spec: { template } }, timeouts);
    };
    await assert.rejects(stack.up(command(["sleep", "60"])), (error: Error) => {
      assert.match(error.message, /'web' timed out waiting to be Ready/);
      assert.match(error.message, /\[ProgressDeadlineExceeded\] ReplicaSet .* has timed out progressing/);
      assert.match(error.message, /inimum number of Pods/);
      return true;
    });
    assert.equal((await readDeployment("web")).status?.availableReplicas, 1, "the old pod still serves");
    assert.match(stack.recorded("patch").initErrors?.join("\n") ?? "", /ProgressDeadlineExceeded/);
    await stack.refresh();
    assert.match(stack.recorded("patch").initErrors?.join("\n") ?? "", /ProgressDeadlineExceeded/);
    const { steps } = await stack.up(command(serverPod({}).containers[0]?.command ?? []));
    assert.deepEqual(steps, ["update patch"]);
    assert.equal(stack.recorded("patch").initErrors, undefined);
  });

  it("refuses to patch a Deployment that does not exist, and creates none", async () => {
    await assert.rejects(
      stack.up(patch("missing", { a: "1" })),
      /was not successfully created .*spec.selector: Required/s,
    );
    const { items } = await cluster.apps.listNamespacedDeployment({ namespace });
    assert.deepEqual(items, []);
  });

  it("touches nothing in a preview, and does not wait", async () => {
    await existing("web");
    const { steps } = await stack.preview(patch("web", { a: "1" }));
    assert.deepEqual(steps, ["create patch"]);
    assert.equal((await readDeployment("web")).metadata?.generation, 1);
  });

  it("does not wait where the object says so", async () => {
    await existing("web");
    await stack.up(async () => {
      const annotations = { ...manager, "pulumi.com/skipAwait": "true" };
      const template = { spec: { containers: [{ name: "server", command: ["false"] }] } };
      new k8s.apps.v1.DeploymentPatch("patch", {
        metadata: { name: "web", namespace, annotations: { ...annotations, "pulumi.com/patchForce": "true" } },
        spec: { template },
      });
    });
    assert.equal((await readDeployment("web")).metadata?.generation, 2);
  });

  it("refuses a field that someone else manages, but takes it when told to", async () => {
    await existing("web");
    const scale = (annotations: Record<string, string>) => async () => {
      const metadata = { name: "web", namespace, annotations: { ...manager, ...annotations } };
      new k8s.apps.v1.DeploymentPatch("patch", { metadata, spec: { replicas: 2 } });
    };
    await assert.rejects(stack.up(scale({})), /field conflict .*"secret-rotation" had an apply conflict/s);
    await stack.up(scale({ "pulumi.com/patchForce": "true" }));
    assert.equal((await readDeployment("web")).status?.readyReplicas, 2);
  });

  it("ends its waits when the update is cancelled", async () => {
    const metadata = { name: "web", namespace };
    const { spec } = deployment("web", 1, serverPod({ command: ["sleep", "60"] }));
    const interruption = new AbortController();
    const program = async () => {
      new k8s.apps.v1.Deployment("web", { metadata, spec: spec as k8s.types.input.apps.v1.DeploymentSpec });
    };
    const update = stack.up(program, { signal: interruption.signal });
    const failed = assert.rejects(update, /Resource operation was cancelled for "web"|cancelled/);
    await waitFor("the Deployment", () => readDeployment("web"), { timeoutMs: 20_000 });
    const began = Date.now();
    interruption.abort();
    await failed;
    assert.ok(Date.now() - began < 20_000, "long before the ten minutes are over");
  });
});
