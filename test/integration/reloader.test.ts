import assert from "node:assert/strict";
import { AppsV1Api, KubeConfig } from "@kubernetes/client-node";
import { realPorts } from "../../rotation/ports";
import type { RunResult } from "../../rotation/result";
import { deploymentAt, foreignHands } from "../estates/foreignHands";
import { documented } from "../faults/kubeconfigs";
import { reloaderPart } from "../sandbox/parts/reloader";
import { sandboxPaths } from "../sandbox/paths";
import type { Sandbox } from "../sandbox/sandbox";
import { type PartBeside, startBeside } from "../sandbox/testing/partBeside";
import { cli } from "./cli";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { type Workloads, workloads } from "./workloads";

const namespace = "reloader";
const domain = "reloader.stakater.com";
const auto = { [`${domain}/auto`]: "true" };

interface Consumer {
  readonly name: string;
  readonly kind?: "StatefulSet" | "DaemonSet";
  readonly restart?: "driver" | "reloader";
}
const app = (name: string, ...consumers: (string | Consumer)[]) => ({
  name,
  kind: "app",
  syncTimeout: "10s",
  rolloutTimeout: "45s",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: consumers.map((one) => ({ namespace, takes: "env", ...(typeof one === "string" ? { name: one } : one) })),
});

/** What restarts a consumer of the secret `forms`, by the annotations of each. */
const forms: Record<string, { workload?: object; pod?: object; by: "Reloader" | "driver" }> = {
  auto: { workload: auto, by: "Reloader" },
  "auto-secrets": { workload: { [`secret.${domain}/auto`]: "true" }, by: "Reloader" },
  named: { workload: { [`secret.${domain}/reload`]: "other, forms" }, by: "Reloader" },
  pattern: { workload: { [`secret.${domain}/reload`]: "for.*" }, by: "Reloader" },
  search: { workload: { [`${domain}/search`]: "true" }, by: "Reloader" },
  "of-pod": { pod: auto, by: "Reloader" },
  configmaps: {
    workload: { [`configmap.${domain}/auto`]: "true", [`configmap.${domain}/reload`]: "forms" },
    by: "driver",
  },
  excluded: { workload: { ...auto, [`secrets.exclude.${domain}/reload`]: "forms" }, by: "driver" },
  "not-at-all": { workload: { [`${domain}/auto`]: "false" }, by: "driver" },
  plain: { by: "driver" },
};
const kinds = ["StatefulSet", "DaemonSet"] as const;

describe("workloads that Reloader restarts", function () {
  this.timeout(180_000);
  let sandbox: Sandbox;
  let project: Project;
  let cluster: Workloads;
  let hands: ReturnType<typeof foreignHands>;
  let apps: AppsV1Api;
  let reloader: PartBeside | undefined;

  const start = async (...flags: string[]) => {
    await reloader?.end();
    reloader = await startBeside(
      sandbox,
      reloaderPart(sandboxPaths(sandbox.dir), [`--namespaces=${namespace}`, ...flags]),
    );
  };
  const stop = async () => {
    await reloader?.end();
    reloader = undefined;
  };
  const rollouts = async (names: readonly string[]) =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await cluster.rollouts(namespace, name)])));
  /** How many restarts of each workload this work makes. */
  const restarts = async <T>(names: readonly string[], work: () => Promise<T>) => {
    const before = await rollouts(names);
    const result = await work();
    const after = await rollouts(names);
    return { result, restarts: Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) };
  };
  const said = ({ secrets }: RunResult) => secrets.map(({ outcome, error }) => error?.message ?? outcome);
  const version = async (workload: string, secret: string) =>
    (await cluster.annotations(namespace, workload))[`${namespace}.secret-rotation/${secret}`];
  const annotate = (name: string, annotations: object) =>
    hands.change(deploymentAt(namespace, name), { metadata: { annotations } }, "kubectl-annotate");
  const ports = () => realPorts({ region });

  before(async () => {
    sandbox = await useSandbox();
    cluster = workloads();
    hands = foreignHands();
    await cluster.createNamespace(namespace);
    project = await createProject(namespace, { "kubernetes:kubeconfig": await documented(namespace) });
    const config = new KubeConfig();
    config.loadFromDefault();
    apps = config.makeApiClient(AppsV1Api);
    const env = (secret: string) => ({ env: { name: "KEY", secret, key: "KEY" } });
    for (const [name, { workload = {}, pod = {} }] of Object.entries(forms)) {
      const annotations = { annotations: { ...workload }, podAnnotations: { ...pod } };
      await cluster.deploy(namespace, name, { ...env("forms"), ...annotations });
    }
    for (const kind of kinds) await deployKind(kind);
    await cluster.deploy(namespace, "web", { ...env("one"), annotations: { [`secret.${domain}/reload`]: "one,two" } });
    await cluster.deploy(namespace, "late", env("late"));
    await cluster.deploy(namespace, "mixed", { ...env("late"), annotations: { [`secret.${domain}/reload`]: "one" } });
    await cluster.deploy(namespace, "all", env("all"));
    await cluster.deploy(namespace, "solo", { ...env("alone"), annotations: auto });
    project.declare([
      app("forms", ...Object.keys(forms), ...kinds.map((kind) => ({ kind, name: kind.toLowerCase() }))),
      app("one", "web", "mixed"),
      app("two", "web"),
      app("late", "late", "mixed"),
      app("all", { name: "all", restart: "reloader" }),
      app("alone", "solo"),
    ]);
    await project.up();
    // A Secret that is made is no change for Reloader: the driver restarts them.
    const first = await project.rotate(["forms", "one", "two", "late", "all", "alone"]);
    assert.deepEqual(said(first), Array(6).fill("rotated"));
    await hands.changeSecret(namespace, "forms", { metadata: { annotations: { [`${domain}/match`]: "true" } } });
    await start();
  });
  after(async () => {
    await stop();
    project.remove();
  });

  async function deployKind(kind: (typeof kinds)[number]): Promise<void> {
    const name = kind.toLowerCase();
    const labels = { app: name };
    const env = [{ name: "KEY", valueFrom: { secretKeyRef: { name: "forms", key: "KEY" } } }];
    const container = { name: "main", image: "local", command: ["/bin/sleep", "infinity"], env };
    const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
    const metadata = { name, annotations: auto };
    const spec = { selector: { matchLabels: labels }, template };
    if (kind === "DaemonSet") await apps.createNamespacedDaemonSet({ namespace, body: { metadata, spec } });
    else
      await apps.createNamespacedStatefulSet({ namespace, body: { metadata, spec: { ...spec, serviceName: name } } });
  }

  it("each is restarted once, by whom its annotations ask, and all before the rotation ends", async () => {
    const kindsBefore = await generations();
    const before = Object.fromEntries(
      await Promise.all(Object.keys(forms).map(async (name) => [name, await version(name, "forms")])),
    );
    const { result, restarts: counted } = await restarts(Object.keys(forms), () => project.rotate(["forms"]));
    assert.deepEqual(said(result), ["rotated"]);
    assert.deepEqual(counted, Object.fromEntries(Object.keys(forms).map((name) => [name, 1])));
    for (const [name, { by }] of Object.entries(forms)) {
      const expected = by === "driver" ? only(result).newVersionId : before[name];
      assert.equal(await version(name, "forms"), expected, name);
    }
    assert.deepEqual(
      await generations(),
      kindsBefore.map((generation) => generation + 1),
    );
    assert.deepEqual(await project.up(), []);
  });

  const generations = async () =>
    (
      await Promise.all([
        apps.readNamespacedStatefulSet({ namespace, name: "statefulset" }),
        apps.readNamespacedDaemonSet({ namespace, name: "daemonset" }),
      ])
    ).map(({ metadata }) => metadata?.generation ?? 0);

  it("a dry run and status say which", async () => {
    const dry = await cli(project.folder, "rotate", "forms", "--stack", namespace, "--dry-run", "--json").finished;
    assert.equal(dry.code, 0, dry.stderr);
    const [{ restarts: told }] = JSON.parse(dry.stdout).secrets;
    const expected = Object.entries(forms).map(
      ([name, { by }]) => `Deployment ${namespace}/${name}${by === "driver" ? "" : " (by Reloader)"}`,
    );
    assert.deepEqual(told.slice(0, expected.length), expected);
    const status = await cli(project.folder, "status", "--stack", namespace).finished;
    assert.match(
      status.stdout,
      /forms: Reloader restarts Deployment reloader\/auto, .*StatefulSet reloader\/statefulset/,
    );
    assert.doesNotMatch(status.stdout, /reloader\/excluded/);
  });

  it("a run that is lost after the restart is gone on with, without another one", async () => {
    const { kubernetes } = ports();
    const lost = { ...kubernetes, podsMade: async () => Promise.reject(new Error("lost")) };
    const names = ["web"];
    const { restarts: counted } = await restarts(names, async () => {
      const first = only(await project.rotate(["one"], { ports: { kubernetes: lost } }));
      assert.match(first.error?.message ?? "", /lost/);
      const { outcome, newVersionId } = only(await project.rotate(["one"]));
      assert.deepEqual([outcome, newVersionId], ["resumed", first.newVersionId]);
    });
    assert.deepEqual(counted, { web: 1 });
  });

  it("an emergency ends when Reloader's rollout has", async () => {
    const { result, restarts: counted } = await restarts(["web"], () => project.rotate(["one"], { emergency: true }));
    assert.deepEqual(said(result), ["rotated"]);
    assert.deepEqual(counted, { web: 1 });
  });

  it("one that takes a second secret, which Reloader does not restart it for, has it by the driver", async () => {
    const before = await version("mixed", "one");
    const { result, restarts: counted } = await restarts(["web", "mixed"], () => project.rotate(["one", "late"]));
    assert.deepEqual(said(result), ["rotated", "rotated"]);
    assert.deepEqual([counted.web, await version("mixed", "one")], [1, before]);
    assert.equal(await version("mixed", "late"), result.secrets[1]?.newVersionId);
    // Where the controller sees both changes at once, they are one rollout.
    assert.ok([1, 2].includes(counted.mixed ?? 0), `${counted.mixed}`);
    const alone = await restarts(["web", "mixed"], () => project.rotate(["one"]));
    assert.deepEqual([said(alone.result), alone.restarts], [["rotated"], { web: 1, mixed: 1 }]);
    assert.deepEqual(await project.up(), []);
  });

  it("one that asks Reloader while the run is under way is left to it: the same command goes on, and it restarts once", async () => {
    const { secretsManager } = ports();
    const moveCurrent: typeof secretsManager.moveCurrent = async (...args) => {
      await annotate("late", auto);
      return secretsManager.moveCurrent(...args);
    };
    const { restarts: counted } = await restarts(["late"], async () => {
      const { error } = only(
        await project.rotate(["late"], { ports: { secretsManager: { ...secretsManager, moveCurrent } } }),
      );
      assert.deepEqual([error?.code, error?.step], ["CONSUMER_HELD_BACK", "rollout"], error?.message);
      assert.equal(only(await project.rotate(["late"])).outcome, "resumed");
    });
    assert.deepEqual(counted, { late: 1 });
  });

  it("a pause-period is waited for; one that is longer than the wait is refused at the check", async () => {
    const key = `deployment.${domain}/pause-period`;
    await annotate("late", { [key]: "3s" });
    const { result, restarts: counted } = await restarts(["late"], () => project.rotate(["late"]));
    assert.deepEqual([said(result), counted], [["rotated"], { late: 1 }]);
    await annotate("late", { [key]: "1h" });
    const { error } = only(await project.rotate(["late"]));
    assert.deepEqual([error?.code, error?.step], ["CONSUMER_HELD_BACK", "check"]);
    assert.match(error?.message ?? "", /pauses Deployment reloader\/late for 3600 s/);
    await annotate("late", { [key]: null });
  });

  it("with its annotations' strategy too, for two secrets together", async () => {
    await start("--reload-strategy=annotations");
    for (let i = 0; i < 2; i++) assert.deepEqual(said(await project.rotate(["one", "two"])), ["rotated", "rotated"]);
    const names = ["auto", "plain"];
    const { result, restarts: counted } = await restarts(names, () => project.rotate(["forms"]));
    assert.deepEqual([said(result), counted], [["rotated"], { auto: 1, plain: 1 }]);
  });

  it("declared ones are left to a Reloader that restarts all, whatever their annotations", async () => {
    await start("--auto-reload-all=true");
    const { result, restarts: counted } = await restarts(["all"], () => project.rotate(["all"]));
    assert.deepEqual([said(result), counted], [["rotated"], { all: 1 }]);
  });

  describe("where Reloader does not run", () => {
    before(stop);

    const fails = async () => {
      const { restarts: counted } = await restarts(["solo"], async () => {
        const { error } = only(await project.rotate(["alone"]));
        assert.deepEqual([error?.code, error?.step, error?.retryable], ["ROLLOUT_FAILED", "rollout", true]);
        assert.match(error?.message ?? "", /Reloader has not restarted Deployment reloader\/solo within 10 s/);
        assert.match(
          error?.hint ?? "",
          /kubectl rollout restart deployment\/solo -n reloader, then run the same command/,
        );
      });
      assert.deepEqual(counted, { solo: 0 });
    };

    it("that is told, and a restart by hand is as good", async () => {
      await fails();
      const restartedAt = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      const template = { metadata: { annotations: restartedAt } };
      await hands.change(deploymentAt(namespace, "solo"), { spec: { template } }, "kubectl-rollout");
      const { result, restarts: counted } = await restarts(["solo"], () => project.rotate(["alone"]));
      assert.deepEqual([said(result), counted], [["resumed"], { solo: 0 }]);
    });

    it("the same command converges when it runs again, and catches up", async () => {
      await fails();
      const { restarts: counted } = await restarts(["solo"], async () => {
        await start("--reload-on-create=true", "--sync-after-restart=true");
        assert.deepEqual(said(await project.rotate(["alone"])), ["resumed"]);
      });
      assert.deepEqual(counted, { solo: 1 });
    });
  });
});
