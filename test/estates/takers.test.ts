import assert from "node:assert/strict";
import { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { KubernetesError } from "../../rotation/kubernetesError";
import { kubernetes } from "../../rotation/ports/kubernetes";
import { cli } from "../integration/cli";
import { createProject, only, type Project } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { databaseSecret, makeRoles } from "./databaseEstate";

const stack = "takers";
const times = { syncTimeout: "1m", rolloutTimeout: "1m" };
const pod = (secretName: string, more: object = {}) => ({
  containers: [{ name: "main", image: "local", command: ["/bin/sleep", "infinity"], ...more }],
  volumes: [{ name: "v", secret: { secretName } }],
  terminationGracePeriodSeconds: 1,
});

describe("who takes a secret", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  let config: KubeConfig;
  let core: CoreV1Api;

  before(async () => {
    project = await createProject(stack);
    cluster = workloads();
    config = new KubeConfig();
    config.loadFromDefault();
    core = config.makeApiClient(CoreV1Api);
    await cluster.createNamespace(stack);
    await makeRoles(["takers_one", "LOGIN"]);
    await cluster.deploy(stack, "web", { env: { name: "PASSWORD", secret: "one", key: "password" } });
    const consumers = [{ namespace: stack, name: "web", takes: "volume" }];
    const key = { name: "key", kind: "app", externalSecret: { target: "key", keys: [{ key: "KEY" }] }, consumers };
    const one = { ...databaseSecret("one", stack, ["takers_one"], { adopt: true }), consumers };
    project.declare([
      { ...one, ...times },
      { ...key, ...times },
    ]);
    await project.up();
  });
  after(() => project.remove());

  it("a declared consumer that takes it otherwise, or not at all, is told", async () => {
    const { secrets } = await project.rotate(["one", "key"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.message ?? outcome),
      ["rotated", "rotated"],
    );
    assert.match(
      secrets[0]?.warnings.join() ?? "",
      /Deployment takers\/web takes the secret as env, and not as volume/,
    );
    assert.match(secrets[1]?.warnings.join() ?? "", /Deployment takers\/web is declared .*, and its pods do not take/);
  });

  it("whatever takes it undeclared stops a rotation that would leave it with a dead credential", async () => {
    const namespace = stack;
    const labels = { app: "stray" };
    const selector = { matchLabels: labels };
    const template = { metadata: { labels }, spec: pod("one") };
    const apps = config.makeApiClient(AppsV1Api);
    const batch = config.makeApiClient(BatchV1Api);
    const metadata = { name: "stray" };
    await apps.createNamespacedDaemonSet({ namespace, body: { metadata, spec: { selector, template } } });
    await apps.createNamespacedStatefulSet({
      namespace,
      body: { metadata, spec: { replicas: 1, serviceName: "stray", selector, template } },
    });
    const job = { template: { spec: { ...pod("one"), restartPolicy: "Never" } } };
    await batch.createNamespacedCronJob({
      namespace,
      body: { metadata, spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: job } } },
    });
    await core.createNamespacedPod({ namespace, body: { metadata: { name: "bare" }, spec: pod("one") } });
    const before = await cluster.secretData(stack, "one");
    const { error } = only(await project.rotate(["one"]));
    assert.deepEqual([error?.code, error?.step], ["CONSUMER_UNDECLARED", "check"]);
    for (const named of ["StatefulSet takers/stray (volume)", "DaemonSet takers/stray (volume)", "Pod takers/bare"]) {
      assert.ok(error?.message.includes(named), error?.message);
    }
    // The next pods of a CronJob read what is there then, and a Deployment of the declared ones is no stray.
    assert.doesNotMatch(error?.message ?? "", /CronJob|Deployment/);
    assert.match(error?.hint ?? "", /--leave-behind statefulset\/takers\/stray/);
    assert.deepEqual(await cluster.secretData(stack, "one"), before);
  });

  it("is told by status, by check and by the dry run; --leave-behind insists", async () => {
    const run = (...args: string[]) => cli(project.folder, ...args, "--stack", stack).finished;
    const [status, check, dry] = await Promise.all([
      run("status"),
      run("check"),
      run("rotate", "one", "key", "--dry-run"),
    ]);
    for (const { stdout } of [status, check]) {
      assert.match(stdout, /^one: taken by .*CronJob takers\/stray \(volume\).* too, without being declared$/m);
    }
    assert.match(dry.stdout, /refused: one: check: .*take it too, without being declared/);
    const left = ["statefulset/takers/stray", "takers/bare", "daemonset/takers/stray"];
    const insisting = left.flatMap((name) => ["--leave-behind", name]);
    const { code, stdout, stderr } = await run("rotate", "one", ...insisting);
    assert.equal(code, 0, stdout + stderr);
  });

  it("is unknown, and never none, where it may not be asked", async () => {
    const real = kubernetes(config);
    const takers = async () => ({ takers: [], unlisted: ["cronjobs.batch"] });
    const ports = { kubernetes: { ...real, takers } };
    assert.equal(only(await project.rotate(["key"], { ports })).outcome, "rotated");
    const away = { kubernetes: { ...real, takers: () => Promise.reject(new KubernetesError("no answer", undefined)) } };
    assert.match(only(await project.rotate(["key"], { ports: away })).error?.message ?? "", /no answer/);
  });
});
