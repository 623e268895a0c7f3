import assert from "node:assert/strict";
import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { documented } from "../faults/kubeconfigs";
import { createProject, only, type Project, useSandbox } from "./project";
import { workloads } from "./workloads";

const namespace = "kinds";
const kinds = ["StatefulSet", "DaemonSet"] as const;

describe("workloads that are no Deployments", function () {
  this.timeout(120_000);
  let project: Project;
  let core: CoreV1Api;

  /** Of each pod: the version that its template names. */
  async function pods(kind: string): Promise<Map<string, string | undefined>> {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${kind.toLowerCase()}` });
    const live = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return new Map(
      live.map(({ metadata }) => [
        metadata?.uid ?? "",
        metadata?.annotations?.[`${namespace}.secret-rotation/api-token`],
      ]),
    );
  }

  before(async () => {
    await useSandbox();
    await workloads().createNamespace(namespace);
    project = await createProject("kinds", { "kubernetes:kubeconfig": await documented(namespace) });
    const config = new KubeConfig();
    config.loadFromDefault();
    core = config.makeApiClient(CoreV1Api);
    const apps = config.makeApiClient(AppsV1Api);
    const workload = (kind: (typeof kinds)[number]) => {
      const name = kind.toLowerCase();
      const labels = { app: name };
      const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "api-token", key: "TOKEN" } } }];
      const container = { name: "main", image: "local", command: ["/bin/sleep", "infinity"], env };
      const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
      return { metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
    };
    const { metadata, spec } = workload("StatefulSet");
    const body = { metadata, spec: { ...spec, serviceName: "statefulset", replicas: 2 } };
    await apps.createNamespacedStatefulSet({ namespace, body });
    await apps.createNamespacedDaemonSet({ namespace, body: workload("DaemonSet") });
    project.declare([
      {
        name: "api-token",
        kind: "app",
        externalSecret: { target: "api-token", keys: [{ key: "TOKEN" }] },
        consumers: kinds.map((kind) => ({ namespace, kind, name: kind.toLowerCase(), takes: "env" })),
      },
    ]);
    await project.up();
    // Their pods wait for the secret: the first rotation brings it.
    assert.equal(only(await project.rotate(["api-token"])).outcome, "rotated");
  });
  after(() => project.remove());

  it("are rolled out pod by pod, and awaited", async () => {
    const before = await Promise.all(kinds.map(pods));
    const { outcome, newVersionId, error } = only(await project.rotate(["api-token"]));
    assert.equal(outcome, "rotated", error?.message);
    const after = await Promise.all(kinds.map(pods));
    for (const [i, count] of [2, 1].entries()) {
      assert.deepEqual([...(after[i]?.values() ?? [])], Array(count).fill(newVersionId), kinds[i]);
      assert.ok([...(after[i]?.keys() ?? [])].every((uid) => !before[i]?.has(uid)));
    }
  });
});
