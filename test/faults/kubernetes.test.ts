import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { CoreV1Api, type KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { kubernetes } from "../../rotation/ports/kubernetes";
import type { Step } from "../../rotation/steps";
import { logsIn } from "../integration/postgres";
import { only, useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import type { Sandbox } from "../sandbox/sandbox";
import { asSuperuser } from "../sandbox/testing/superuser";
import { type FaultProject, faultProject, resultOf } from "./faultProject";
import { defaultConfig, documented, elsewhere, powerless } from "./kubeconfigs";
import { itSaysNoValue } from "./saysNoValue";

const stack = "faults-k8s";
const consumer = (name: string) => ({ namespace: stack, name, takes: "env" });
const secret = (name: string, workload: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [consumer(workload)],
});
const database = {
  ...secret("orders", "picky"),
  kind: "database",
  rolloutTimeout: "8s",
  externalSecret: { target: "orders", keys: ["username", "password"].map((key) => ({ key, property: key })) },
  database: {
    ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable", gracePeriod: "0s" },
    ...{ roles: ["k8s_a", "k8s_b"], groupRole: "k8s_group" },
  },
};
const declared = [secret("one", "web"), secret("two", "web"), database];

describe("Kubernetes fails", function () {
  this.timeout(300_000);
  let project: FaultProject;
  let cluster: Workloads;
  let sandbox: Sandbox;
  let folder: string;
  let flag: string;
  const annotation = async (name: string) =>
    (await cluster.annotations(stack, "web"))[`${stack}.secret-rotation/${name}`];

  before(async () => {
    sandbox = await useSandbox();
    folder = mkdtempSync(join(sandbox.dir, "faults-"));
    flag = join(folder, "broken");
    cluster = workloads();
    await cluster.createNamespace(stack);
    project = await faultProject(stack, { "kubernetes:kubeconfig": await documented(stack) });
    await cluster.deploy(stack, "web");
    await cluster.deploy(stack, "picky", { brokenWhile: flag });
    await asSuperuser(`CREATE ROLE k8s_group NOLOGIN; GRANT CONNECT ON DATABASE shop TO k8s_group;
      GRANT k8s_group TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare(declared);
    await project.up();
    const { secrets } = await project.rotate(["one", "two", "orders"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => outcome + (error?.message ?? "")),
      ["rotated", "rotated", "rotated"],
    );
  });
  after(() => {
    rmSync(folder, { recursive: true });
    project.remove();
  });

  it("the operator is stopped, and says Ready all the same: nothing is restarted, and the old values stay in use", async () => {
    const operator = sandbox.part("external-secrets");
    const inUse = () => Promise.all(["one", "two"].map(async (name) => [await data(name), await annotation(name)]));
    const before = await inUse();
    project.declare(declared.map((one) => ({ ...one, syncTimeout: "5s" })));
    const stepStarted = (name: string, step: Step) => {
      // It looks as if this one was synced, but for the data.
      if (name === "two" && step === "sync") void markSynced(name);
    };
    operator.pause();
    const run = await project
      .rotate(["one", "two"], { observer: { stepStarted, stepEnded: () => undefined } })
      .then(async (result) => {
        assert.deepEqual(await inUse(), before);
        return result;
      })
      .finally(() => operator.resume());
    project.declare(declared);
    for (const name of ["one", "two"]) {
      const { error } = resultOf(run, name);
      assert.equal(error?.code, "NOT_SYNCED");
      assert.match(error?.message ?? "", /after 5 s the Kubernetes Secret .* lacks the new version: SecretSynced/);
      assert.match(error?.hint ?? "", /see whether External Secrets runs/);
      assert.notEqual((await project.live(name)).rotatedVersion, resultOf(run, name).newVersionId);
    }
    const again = await project.rotate(["one", "two"]);
    for (const { secret: name, outcome, newVersionId } of again.secrets) {
      assert.deepEqual([outcome, newVersionId], ["resumed", resultOf(run, name).newVersionId]);
      assert.equal(await annotation(name), newVersionId);
    }
  });

  it("a pod that never gets ready: a bounded wait, the others go on, and nothing is retired", async () => {
    const old = await data("orders");
    writeFileSync(flag, "");
    const started = Date.now();
    const run = await project.rotate(["one", "orders"]);
    assert.ok(Date.now() - started < 40_000);
    const { error, newVersionId } = resultOf(run, "orders");
    assert.deepEqual(
      [error?.code, error?.step, resultOf(run, "one").outcome],
      ["ROLLOUT_FAILED", "rollout", "rotated"],
    );
    assert.match(error?.hint ?? "", /see kubectl describe deployment -n faults-k8s picky/);
    assert.equal(await cluster.available(stack, "picky"), 2);
    for (const credential of [old, await data("orders")]) await logsIn(JSON.stringify(credential));
    const { current, rotatedVersion } = await project.live("orders");
    assert.equal(current, newVersionId);
    assert.notEqual(rotatedVersion, newVersionId);

    const rollouts = await cluster.rollouts(stack, "picky");
    const stuck = only(await project.rotate(["orders"]));
    assert.deepEqual([stuck.error?.code, stuck.newVersionId], ["ROLLOUT_FAILED", newVersionId]);
    await logsIn(JSON.stringify(old));

    rmSync(flag);
    const mended = only(await project.rotate(["orders"]));
    assert.deepEqual([mended.outcome, mended.newVersionId, mended.error], ["resumed", newVersionId, undefined]);
    assert.equal(await cluster.rollouts(stack, "picky"), rollouts);
    await logsIn(JSON.stringify(await data("orders")));
    assert.ok(!existsSync(flag));
  });

  it("the API server forbids, is down, or says nothing: the secret is refused before anything is touched", async () => {
    const [silent, ended] = [createServer(), createServer()];
    for (const one of [silent, ended]) await once(one.listen(0, "127.0.0.1"), "listening");
    const endedPort = portOf(ended);
    ended.close();
    const server = (port: number) => `https://127.0.0.1:${port}`;
    const before = await project.live("one");
    const cases: [KubeConfig, RegExp, RegExp][] = [
      [
        await powerless(stack),
        /the kubeconfig's user may not get secrets in faults-k8s; get, patch externalsecrets.* deployments\.apps/,
        /let it do what infra\/permissions\/kubernetes\.yaml lists/,
      ],
      [elsewhere(server(endedPort)), /the API server is not reached: .*ECONNREFUSED/, /run the same command again/],
      [elsewhere(server(portOf(silent))), /is not reached: .*Connect Timeout/, /run the same command again/],
    ];
    await Promise.all(
      cases.map(async ([config, says, hint]) => {
        const { error } = only(await project.rotate(["one"], { ports: { kubernetes: kubernetes(config) } }));
        assert.deepEqual([error?.code, error?.step], ["KUBERNETES_FAILED", "check"]);
        assert.match(error?.message ?? "", says);
        assert.match(error?.hint ?? "", hint);
      }),
    );
    silent.close();
    const { current, pending, rotatedVersion } = await project.live("one");
    assert.deepEqual([current, pending, rotatedVersion], [before.current, before.pending, before.rotatedVersion]);
  });

  it("the API server is away while the gate waits: it is asked on", async () => {
    const proxy = await tcpProxy(Number(new URL(defaultConfig().getCurrentCluster()?.server ?? "").port));
    const waited: number[] = [];
    const stepStarted = (_: string, step: Step) => {
      if (step !== "sync") return;
      waited.push(Date.now());
      proxy.down();
      setTimeout(() => proxy.up(), 2_000);
    };
    const stepEnded = (_: string, step: Step) => step === "sync" && waited.push(Date.now());
    const ports = { kubernetes: kubernetes(elsewhere(`https://127.0.0.1:${proxy.port}`)) };
    const run = await project.rotate(["one"], { ports, observer: { stepStarted, stepEnded } }).finally(proxy.down);
    assert.deepEqual([only(run).outcome, only(run).error], ["rotated", undefined]);
    const [started = 0, ended = 0] = waited;
    assert.ok(ended - started >= 2_000, `${ended - started} ms`);
  });

  const data = (name: string) => cluster.secretData(stack, name);

  /** Puts on the Kubernetes Secret what External Secrets puts there last. */
  itSaysNoValue();

  async function markSynced(name: string): Promise<void> {
    const { current = "" } = await project.live(name);
    const body = { metadata: { annotations: { "secret-rotation/version": current } } };
    await defaultConfig()
      .makeApiClient(CoreV1Api)
      .patchNamespacedSecret(
        { namespace: stack, name, body },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
  }
});

/** A server in front of another one, which may be taken away. */
async function tcpProxy(target: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(target, "127.0.0.1");
    for (const socket of [client, behind]) sockets.add(socket.on("error", () => undefined));
    client.pipe(behind).pipe(client);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const port = portOf(server);
  const down = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, down, up: () => server.listen(port, "127.0.0.1") };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
