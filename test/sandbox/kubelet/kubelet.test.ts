import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AppsV1Api,
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";
import { before, describe, it } from "mocha";
import { sandboxPaths } from "../paths";
import { isRunning } from "../process/processTable";
import { registered } from "../process/registry";
import { waitFor } from "../process/waitFor";
import type { Sandbox } from "../sandbox";
import { kubeConfig } from "../seeds/kubernetes";
import { sharedSandbox } from "../shared";
import { deployment, serverPod, show } from "../testing/workload";
import { refusalCode } from "./cluster";

const timeoutMs = 15_000;
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

describe("process kubelet", function () {
  this.timeout(60_000);
  const namespace = "kubelet-test";
  let sandbox: Sandbox;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  before(async () => {
    sandbox = await sharedSandbox();
    const config: KubeConfig = kubeConfig(sandbox.env.KUBECONFIG ?? "");
    core = config.makeApiClient(CoreV1Api);
    apps = config.makeApiClient(AppsV1Api);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await waitFor("the service account", () => core.readNamespacedServiceAccount({ namespace, name: "default" }), {
      timeoutMs,
    });
  });

  const createSecret = (name: string, stringData: Record<string, string>) =>
    core.createNamespacedSecret({ namespace, body: { metadata: { name }, stringData } });
  const changeSecret = (name: string, stringData: Record<string, string>) =>
    core.patchNamespacedSecret({ namespace, name, body: { stringData } }, mergePatch);
  const isReady = ({ status }: V1Pod) => status?.conditions?.some((c) => c.type === "Ready" && c.status === "True");
  const readPod = (name: string) => core.readNamespacedPod({ namespace, name });
  const podWhen = (name: string, what: string, holds: (pod: V1Pod) => boolean | undefined) =>
    waitFor(`${name} ${what}`, async () => (await readPod(name).then((pod) => holds(pod) && pod)) || undefined, {
      timeoutMs,
    });
  const readyPod = (name: string) => podWhen(name, "to be ready", isReady);
  const createPod = (name: string, spec: ReturnType<typeof serverPod>) =>
    core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
  const removed = (name: string) =>
    waitFor(
      `${name} to be removed`,
      () =>
        readPod(name).then(
          () => false,
          (error: unknown) => refusalCode(error) === 404,
        ),
      { timeoutMs },
    );
  const processesOfPod = (name: string) =>
    registered(sandboxPaths(sandbox.dir).registry).filter((entry) => entry.name.startsWith(`${namespace}_${name}/`));

  it("gives a container its declared environment and nothing else", async () => {
    await createSecret("env", { password: "one", user: "shop" });
    const env = [
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "env", key: "password" } } },
      { name: "ABSENT", valueFrom: { secretKeyRef: { name: "env", key: "absent", optional: true } } },
      { name: "LOGIN", value: "$(DB_user):$(PASSWORD)" },
      { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ];
    await createPod("env", serverPod({ env, envFrom: [{ prefix: "DB_", secretRef: { name: "env" } }] }));
    const { status } = await readyPod("env");
    const shown = await show(status?.podIP);
    const { HOME, PATH, POD_ROOT, ...declared } = shown.env;
    assert.deepEqual(declared, {
      ...{
        POD_IP: status?.podIP,
        PASSWORD: "one",
        LOGIN: "shop:one",
        NAME: "env",
        DB_password: "one",
        DB_user: "shop",
      },
    });
    assert.ok(PATH);
    assert.deepEqual([HOME, POD_ROOT], [shown.cwd, shown.cwd]);
    assert.match(status?.podIP ?? "", /^127\.\d+\.\d+\.\d+$/);
  });

  it("mounts a Secret as files that only the pod's user can read, and refreshes them when it changes", async () => {
    await createSecret("files", { password: "one" });
    const volumes = [{ name: "secret", secret: { secretName: "files" } }];
    const volumeMounts = [{ name: "secret", mountPath: "/etc/secrets/db" }];
    const env = [{ name: "SHOWN_FILE", value: "$(POD_ROOT)/etc/secrets/db/password" }];
    await createPod("files", serverPod({ env, volumeMounts }, { volumes }));
    const { status } = await readyPod("files");
    const { file, cwd } = await show(status?.podIP);
    assert.equal(file, "one");
    assert.equal(statSync(join(cwd, "etc/secrets/db/password")).mode & 0o777, 0o400);
    await changeSecret("files", { password: "two" });
    await waitFor("the new file", async () => (await show(status?.podIP)).file === "two", { timeoutMs });
  });

  it("keeps a pod in Pending, with the reason, until its Secret and key are there", async () => {
    const env = [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "late", key: "password" } } }];
    await createPod("late", serverPod({ env }));
    const waiting = ({ status }: V1Pod) => status?.containerStatuses?.[0]?.state?.waiting;
    const missing = await podWhen("late", "to wait", (pod) => waiting(pod)?.reason === "CreateContainerConfigError");
    assert.equal(waiting(missing)?.message, 'secret "late" not found');
    assert.equal(missing.status?.phase, "Pending");
    const events = await core.listNamespacedEvent({ namespace, fieldSelector: "involvedObject.name=late" });
    assert.ok(events.items.some(({ message }) => message?.includes('secret "late" not found')));
    await createSecret("late", { other: "x" });
    await podWhen("late", "to miss the key", (pod) => waiting(pod)?.message?.includes("find key password"));
    await changeSecret("late", { password: "here" });
    const { status } = await readyPod("late");
    assert.equal((await show(status?.podIP)).env.PASSWORD, "here");
  });

  it("makes a Deployment available as its pods get ready, and unavailable as they cease to be", async () => {
    await apps.createNamespacedDeployment({ namespace, body: deployment("web", 2, serverPod({})) });
    const available = (count: number) =>
      waitFor(
        `${count} available replicas`,
        async () => {
          const { status } = await apps.readNamespacedDeployment({ namespace, name: "web" });
          return (status?.availableReplicas ?? 0) === count;
        },
        { timeoutMs },
      );
    await available(2);
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: "app=web" });
    assert.equal(new Set(items.map(({ status }) => status?.podIP)).size, 2);
    const { cwd } = await show(items[0]?.status?.podIP);
    writeFileSync(join(cwd, "not-ready"), "");
    await available(1);
  });

  it("starts a container again that has ended", async () => {
    await createPod("crash", serverPod({ command: ["node", "-e", "process.exit(3)"] }));
    const { status } = await podWhen("crash", "to be restarted", ({ status }) =>
      status?.containerStatuses?.some(({ restartCount }) => restartCount >= 1),
    );
    const before =
      status?.containerStatuses?.[0]?.lastState?.terminated ?? status?.containerStatuses?.[0]?.state?.terminated;
    assert.equal(before?.exitCode, 3);
    assert.ok(!isReady({ status } as V1Pod));
  });

  it("runs init containers one after the other, each again until it succeeds, before it starts the containers", async () => {
    const volumeMounts = [{ name: "scratch", mountPath: "/scratch" }];
    // Fails the first time.
    const first = "echo first >> scratch/order; [ $(wc -l < scratch/order) -gt 1 ]";
    const init = (name: string, script: string) => ({
      name,
      image: "busybox",
      command: ["sh", "-c", script],
      volumeMounts,
    });
    const spec = serverPod(
      { env: [{ name: "SHOWN_FILE", value: "$(POD_ROOT)/scratch/order" }], volumeMounts },
      { volumes: [{ name: "scratch", emptyDir: {} }] },
    );
    spec.initContainers = [init("first", first), init("second", "echo second >> scratch/order")];
    await createPod("init", spec);
    const waiting = await podWhen(
      "init",
      "to wait",
      ({ status }) => status?.initContainerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    assert.equal(waiting.status?.phase, "Pending");
    assert.equal(waiting.status?.containerStatuses?.[0]?.state?.waiting?.reason, "PodInitializing");
    assert.equal(waiting.status?.conditions?.find(({ type }) => type === "Initialized")?.status, "False");
    const { status } = await readyPod("init");
    assert.equal((await show(status?.podIP)).file, "first\nfirst\nsecond\n");
    const ended = status?.initContainerStatuses?.map((one) => [
      one.restartCount,
      one.ready,
      one.state?.terminated?.exitCode,
    ]);
    assert.deepEqual(ended, [
      [1, true, 0],
      [0, true, 0],
    ]);
  });

  it("ends a pod that is never restarted when an init container fails", async () => {
    const spec = serverPod({}, { restartPolicy: "Never" });
    spec.initContainers = [{ name: "first", image: "busybox", command: ["sh", "-c", "exit 4"] }];
    await createPod("init-fails", spec);
    const { status } = await podWhen("init-fails", "to fail", (pod) => pod.status?.phase === "Failed");
    assert.equal(status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 4);
    assert.equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, "PodInitializing");
  });

  it("ends a deleted pod's process before its object is removed, by force if it does not end", async () => {
    const stubborn =
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); require("fs").writeFileSync("up", "")';
    const spec = serverPod({ command: ["node", "-e", stubborn] }, { terminationGracePeriodSeconds: 1 });
    delete spec.containers[0]?.readinessProbe;
    const created = await createPod("stubborn", spec);
    const folder = join(sandboxPaths(sandbox.dir).pods, `${namespace}_stubborn_${created.metadata?.uid}`);
    await waitFor("the process", () => existsSync(join(folder, "containers/server/up")), { timeoutMs });
    const deletedAt = Date.now();
    await core.deleteNamespacedPod({ namespace, name: "stubborn" });
    await removed("stubborn");
    assert.ok(Date.now() - deletedAt >= 1000, "SIGKILL before the grace period was over");
    assert.deepEqual(processesOfPod("stubborn").filter(isRunning), []);
    assert.equal(processesOfPod("stubborn").length, 1);
    assert.ok(!existsSync(folder));
  });

  it("goes on when the API server was away, and takes over its pods after it was killed", async () => {
    await sandbox.part("kube-apiserver").restart();
    await createPod("survivor", serverPod({}));
    const first = await readyPod("survivor");
    await sandbox.part("kubelet").kill();
    assert.ok((await show(first.status?.podIP)).env.POD_IP, "pods outlive their kubelet");
    await sandbox.part("kubelet").restart();
    const again = await podWhen(
      "survivor",
      "to run again",
      (pod) => isReady(pod) && pod.status?.podIP !== first.status?.podIP,
    );
    assert.equal(processesOfPod("survivor").filter(isRunning).length, 1);
    assert.ok((await show(again.status?.podIP)).env.POD_IP);
  });
});
