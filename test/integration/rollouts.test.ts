import assert from "node:assert/strict";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { documented } from "../faults/kubeconfigs";
import { createProject, only, type Project, useSandbox } from "./project";
import { type Rollouts, startRollouts } from "./rollouts";
import { workloads } from "./workloads";

const namespace = "rollouts";

describe("a Rollout of Argo Rollouts that takes a secret", function () {
  this.timeout(300_000);
  let project: Project;
  let rollouts: Rollouts;
  let core: CoreV1Api;
  const consumer = { namespace, kind: "Rollout", name: "web", takes: "env" };
  const secret = { name: "token", kind: "app", externalSecret: { target: "token", keys: [{ key: "TOKEN" }] } };

  /** The version that the template of each live pod names. */
  async function versions(): Promise<(string | undefined)[]> {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: "app=web" });
    const live = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return live.map(({ metadata }) => metadata?.annotations?.[`${namespace}.secret-rotation/token`]);
  }

  before(async () => {
    await useSandbox();
    await workloads().createNamespace(namespace);
    rollouts = await startRollouts(namespace);
    const config = new KubeConfig();
    config.loadFromDefault();
    core = config.makeApiClient(CoreV1Api);
    const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "TOKEN" } } }];
    const container = { name: "main", image: "local", command: ["/bin/sleep", "infinity"], env };
    await rollouts.deploy("web", { terminationGracePeriodSeconds: 1, containers: [container] });
    project = await createProject(namespace, { "kubernetes:kubeconfig": await documented(namespace) });
    project.declare([{ ...secret, consumers: [consumer] }]);
    await project.up();
    assert.equal(only(await project.rotate(["token"])).error?.message, undefined);
  });
  after(async () => {
    project.remove();
    await rollouts.stop();
  });

  it("is taken through its rollout, and awaited", async () => {
    const before = await rollouts.templates("web");
    const { outcome, newVersionId, error, warnings } = only(await project.rotate(["token"]));
    assert.equal(outcome, "rotated", error?.message);
    assert.deepEqual(await versions(), [newVersionId, newVersionId]);
    assert.equal(await rollouts.templates("web"), before + 1);
    assert.deepEqual(warnings, [], "it is known by its ReplicaSets, and a declared consumer");
    assert.deepEqual(await project.up(), []);
  });

  it("that is aborted stops the rotation at once; when it goes on, so does the same command, without a second restart", async () => {
    rollouts.abort(true);
    const failed = only(await project.rotate(["token"]));
    assert.deepEqual([failed.outcome, failed.error?.code, failed.error?.step], ["failed", "ROLLOUT_FAILED", "rollout"]);
    assert.match(
      failed.error?.message ?? "",
      /Rollout rollouts\/web: its rollout was aborted \(RolloutAborted: metric/,
    );
    const templates = await rollouts.templates("web");
    rollouts.abort(false);
    const resumed = only(await project.rotate(["token"]));
    assert.equal(resumed.outcome, "resumed", resumed.error?.message);
    assert.deepEqual(await versions(), [failed.newVersionId, failed.newVersionId]);
    assert.equal(await rollouts.templates("web"), templates);
  });

  it("that nobody declares is told by its own name", async () => {
    project.declare([{ ...secret, externalSecret: { ...secret.externalSecret, namespaces: [namespace] } }]);
    await project.up();
    const { warnings } = only(await project.rotate(["token"]));
    assert.match(warnings.join(), /Rollout rollouts\/web \(env\) takes it too, without being declared/);
  });
});
