import assert from "node:assert/strict";
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";
import { createProject, only, type Project } from "./project";
import { workloads } from "./workloads";

const stack = "cluster-store";
const group = { group: "external-secrets.io", version: "v1" };
const externalSecret = { target: "key", keys: [{ key: "KEY" }], namespaces: [stack] };
const secrets = [{ name: "key", kind: "app", externalSecret }];

describe("the stack's ClusterSecretStore", function () {
  this.timeout(120_000);
  let project: Project;
  let objects: CustomObjectsApi;
  const cluster = { "secret-rotation:secretStore": { kind: "ClusterSecretStore", make: true } };

  before(async () => {
    project = await createProject(stack);
    await workloads().createNamespace(stack);
    await workloads().createNamespace(`${stack}-other`);
    const config = new KubeConfig();
    config.loadFromDefault();
    objects = config.makeApiClient(CustomObjectsApi);
  });
  after(() => project.remove());

  const rotated = async () => {
    const { outcome, error } = only(await project.rotate(["key"]));
    assert.equal(outcome, "rotated", error?.message);
    return (await workloads().secretData(stack, "key")).KEY;
  };

  it("takes the place of its SecretStores, and the value stays", async () => {
    project.declare(secrets);
    await project.up();
    const value = await rotated();
    project.declare(secrets, cluster);
    assert.deepEqual((await project.up()).sort(), [
      "create ClusterSecretStore secret-rotation",
      `delete SecretStore ${stack}/secret-rotation`,
      `update ExternalSecret ${stack}/key`,
    ]);
    assert.equal((await workloads().secretData(stack, "key")).KEY, value);
    assert.notEqual(await rotated(), value);
    assert.deepEqual(await project.up(), []);
  });

  it("is for the namespaces that get its secrets, and for no other", async () => {
    const namespace = `${stack}-other`;
    const kind = { ...group, namespace, plural: "externalsecrets" };
    const name = "stranger";
    const secretStoreRef = { kind: "ClusterSecretStore", name: `secret-rotation-${stack}` };
    const data = [{ secretKey: "KEY", remoteRef: { key: `${stack}/key` } }];
    const spec = { refreshInterval: "1h0m0s", secretStoreRef, target: { name }, data };
    await objects.createNamespacedCustomObject({
      ...kind,
      body: { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: { name }, spec },
    });
    const answer = async () => {
      const { status } = (await objects.getNamespacedCustomObject({ ...kind, name })) as {
        status?: { conditions?: { status: string; reason: string }[] };
      };
      return status?.conditions ?? false;
    };
    const [condition] = await waitFor("External Secrets' answer", answer, { timeoutMs: 60_000 });
    assert.deepEqual([condition?.status, condition?.reason], ["False", "SecretSyncedError"]);
    await assert.rejects(workloads().secretData(namespace, name), /not found/);
  });
});
