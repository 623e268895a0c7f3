import assert from "node:assert/strict";
import {
  AppsV1Api,
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Deployment,
  type V1Secret,
} from "@kubernetes/client-node";
import { waitFor } from "../sandbox/process/waitFor";
import { kubeConfig } from "../sandbox/seeds/kubernetes";
import { sharedSandbox } from "../sandbox/shared";
import { applySampleService, sampleServiceReady } from "./applySampleService";
import { SampleLoad } from "./load";
import type { LoadReport } from "./load/report";
import { sampleServices } from "./manifests";
import { createTestRoles, type TestRoles } from "./testRoles";

const namespace = "sample-service";
const rolloutMs = 60_000;
// The new signing key must not be used before a rollout is over, however busy the machine is.
const options = { namespace, keyActivationSeconds: 2 * (rolloutMs / 1_000) };

describe("sample service in Kubernetes", function () {
  this.timeout(120_000);
  let config: KubeConfig;
  let kubeconfig: string;
  let roles: TestRoles;

  before(async () => {
    const sandbox = await sharedSandbox();
    kubeconfig = sandbox.env.KUBECONFIG ?? "";
    config = kubeConfig(kubeconfig);
    roles = await createTestRoles(sandbox, "sample_pods");
    await roles.setPassword(roles.orders.a, "a-1");
    await roles.setPassword(roles.orders.b, "b-1");
    await roles.setPassword(roles.reports, "r-1");
    await applySampleService(config, options);
    await writeSecrets({
      "orders-db": roles.secret(roles.orders.a, "a-1"),
      "reports-db": roles.secret(roles.reports, "r-1"),
      "jwt-signing": { current: "k1", previous: "" },
      "session-key": { SESSION_KEY: "s1" },
    });
    await sampleServiceReady(config, rolloutMs, namespace);
  });
  after(async () => {
    const core = config.makeApiClient(CoreV1Api);
    for (const name of sampleServices)
      await config.makeApiClient(AppsV1Api).deleteNamespacedDeployment({ name, namespace });
    const pods = async () => (await core.listNamespacedPod({ namespace })).items.length;
    await waitFor("the pods to be gone", async () => (await pods()) === 0, { timeoutMs: rolloutMs });
    await roles.drop();
  });

  /** Writes the Kubernetes Secrets as the operator does. */
  async function writeSecrets(secrets: Record<string, Record<string, string>>): Promise<void> {
    const api = KubernetesObjectApi.makeApiClient(config);
    for (const [name, values] of Object.entries(secrets)) {
      const encoded = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
      const secret: V1Secret = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace },
        data: Object.fromEntries(encoded),
      };
      await api.patch(secret, undefined, undefined, "operator", true, PatchStrategy.ServerSideApply);
    }
  }

  /** What a rotation does to a workload: an annotation on the pod template, by a field manager of its own. */
  async function annotate(name: string, version: string): Promise<void> {
    const template = { metadata: { annotations: { "secret-rotation/shop.orders-db": version } } };
    const patch = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace }, spec: { template } };
    const api = KubernetesObjectApi.makeApiClient(config);
    const spec = patch as unknown as V1Deployment; // part of one, as server-side apply takes it
    await api.patch(spec, undefined, undefined, "secret-rotation", false, PatchStrategy.ServerSideApply);
  }
  /** The names of the pods, once those that are on the way out are gone. */
  async function settledPods(): Promise<(string | undefined)[]> {
    const core = config.makeApiClient(CoreV1Api);
    const pods = await waitFor(
      "old pods to be gone",
      async () => {
        const { items } = await core.listNamespacedPod({ namespace });
        return items.some(({ metadata }) => metadata?.deletionTimestamp) ? undefined : items;
      },
      { timeoutMs: rolloutMs },
    );
    return pods.map(({ metadata }) => metadata?.name).sort();
  }

  it("fails no request while user and signing key are rotated and both Deployments are restarted", async () => {
    const load = new SampleLoad({ kubeconfig, namespace });
    let report: LoadReport;
    await load.start();
    try {
      const before = new Set(await settledPods());
      await writeSecrets({
        "orders-db": roles.secret(roles.orders.b, "b-1"),
        "jwt-signing": { current: "k2", previous: "k1" },
      });
      await Promise.all(sampleServices.map((name) => annotate(name, "1")));
      await sampleServiceReady(config, rolloutMs, namespace);
      const pods = await settledPods();
      assert.deepEqual(
        pods.filter((name) => before.has(name)),
        [],
      );
    } finally {
      report = await load.stop();
    }
    assert.deepEqual(report.failureWindows, []);
    for (const name of sampleServices) assert.ok((report.byService[name]?.sent ?? 0) > 100);
  });

  it("keeps the annotations of a rotation, and its pods, when it is applied again", async () => {
    await annotate("shop-files", "2");
    await sampleServiceReady(config, rolloutMs, namespace);
    const before = await settledPods();
    await applySampleService(config, options);
    await sampleServiceReady(config, rolloutMs, namespace);
    const api = config.makeApiClient(AppsV1Api);
    const { spec } = await api.readNamespacedDeployment({ name: "shop-files", namespace });
    assert.equal(spec?.template.metadata?.annotations?.["secret-rotation/shop.orders-db"], "2");
    assert.deepEqual(await settledPods(), before);
  });

  it("says why a load cannot start, and that none was started", async () => {
    await assert.rejects(new SampleLoad({ kubeconfig, namespace: "nowhere" }).start(), /not found/i);
    await assert.rejects(new SampleLoad({ kubeconfig, namespace }).snapshot(), /call start\(\) first/);
  });
});
