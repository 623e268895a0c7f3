import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { sharedSandbox } from "../shared";
import { clusterOf } from "./testing/cluster";
import { createTestStack, type TestStack } from "./testing/testStack";

describe("kubernetes provider stand-in: objects", function () {
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

  const externalSecret =
    (annotations: Record<string, string>, options: pulumi.CustomResourceOptions = {}, interval = "1h0m0s") =>
    async () => {
      const store = { name: "none", kind: "SecretStore" };
      const spec = { refreshInterval: interval, secretStoreRef: store, data: [], target: { name: "x" } };
      const args = { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", spec };
      const metadata = { name: "es", namespace, annotations };
      const { metadata: live } = new k8s.apiextensions.CustomResource("es", { ...args, metadata }, options);
      return {
        annotation: live.apply((m) => (m as { annotations?: Record<string, string> }).annotations?.["force-sync"]),
      };
    };

  it("applies custom resources, and leaves annotations that are ignored", async () => {
    const created = await stack.up(externalSecret({ "force-sync": "1" }));
    assert.equal(created.outputs.annotation?.value, "1");
    const frozen = await stack.up(
      externalSecret({ "force-sync": "none" }, { ignoreChanges: ["metadata.annotations"] }),
    );
    assert.deepEqual([frozen.steps, frozen.outputs.annotation?.value], [[], "1"]);
    const ignoreChanges = ['metadata.annotations["force-sync"]'];
    const changed = await stack.up(externalSecret({ "force-sync": "none" }, { ignoreChanges }, "2h0m0s"));
    assert.deepEqual([changed.steps, changed.diffs.es], [["update es"], ["spec.refreshInterval"]]);
    assert.equal(changed.outputs.annotation?.value, "1");
    const rotated = await stack.up(externalSecret({ "force-sync": "2" }, {}, "2h0m0s"));
    assert.deepEqual([rotated.steps, rotated.diffs.es], [["update es"], ["metadata.annotations.force-sync"]]);
    assert.equal(rotated.outputs.annotation?.value, "2");
  });

  it("refuses to create an object that exists, and imports it instead", async () => {
    await cluster.core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "c" }, data: { a: "1" } } });
    const map = (options: pulumi.CustomResourceOptions) => async () => {
      new k8s.core.v1.ConfigMap("map", { metadata: { name: "c", namespace }, data: { a: "1" } }, options);
    };
    await assert.rejects(stack.up(map({})), /configmaps "c" already exists/);
    await stack.up(map({ import: `${namespace}/c` }));
    const { inputs } = stack.recorded("map");
    assert.deepEqual(inputs.data, { a: "1" });
    assert.deepEqual((await stack.up(map({}))).steps, []);
  });

  it("keeps the data of a Secret encrypted, replaces it when it changes, and deletes it", async () => {
    const canary = Buffer.from("canary").toString("base64");
    const secret = (value: string) => async () => {
      new k8s.core.v1.Secret("secret", { metadata: { name: "s", namespace }, stringData: { value } });
    };
    await stack.up(secret("canary"));
    assert.ok(!stack.stateFile().includes("canary") && !stack.stateFile().includes(canary));
    const { steps } = await stack.up(secret("other"));
    assert.deepEqual(
      steps.filter((step) => !step.startsWith("replace")),
      ["delete-replaced secret", "create-replacement secret"],
    );
    await stack.up(async () => undefined);
    const { items } = await cluster.core.listNamespacedSecret({ namespace });
    assert.deepEqual(items, []);
  });

  it("names an object that has no name, and waits until a deleted one is gone", async () => {
    await stack.up(async () => {
      new k8s.core.v1.ConfigMap("map", { metadata: { namespace }, data: {} });
    });
    const [created] = (await cluster.core.listNamespacedConfigMap({ namespace, labelSelector: "!none" })).items.filter(
      ({ metadata }) => metadata?.name?.startsWith("map-"),
    );
    assert.match(created?.metadata?.name ?? "", /^map-[0-9a-f]{8}$/);
    assert.equal(created?.metadata?.annotations?.["pulumi.com/autonamed"], "true");
    await stack.destroy();
    const { items } = await cluster.core.listNamespacedConfigMap({ namespace });
    assert.ok(items.every(({ metadata }) => !metadata?.name?.startsWith("map-")));
  });

  it("sees in a refresh what others changed, and that an object is gone", async () => {
    const map = async () => {
      new k8s.core.v1.ConfigMap("map", { metadata: { name: "c", namespace }, data: { a: "1" } });
    };
    await stack.up(map);
    await cluster.core.replaceNamespacedConfigMap({
      namespace,
      name: "c",
      body: { metadata: { name: "c" }, data: { a: "2" } },
    });
    await stack.refresh();
    assert.deepEqual(stack.recorded("map").outputs.data, { a: "2" });
    await cluster.core.deleteNamespacedConfigMap({ namespace, name: "c" });
    assert.deepEqual(
      (await stack.up(map, { refresh: true })).steps.filter((step) => step === "create map"),
      ["create map"],
    );
  });
});
