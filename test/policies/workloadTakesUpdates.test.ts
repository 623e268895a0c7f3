import assert from "node:assert/strict";
import { restartAnnotation } from "../../infra/names";
import type { Json, Pack, TestResource } from "./analyzer";
import { ofPolicy, reporter } from "./resources";
import { sharedPack } from "./sharedPack";

const policy = "workload-takes-updates";
const says = reporter(policy, "A workload that takes a managed secret gets its new value.");

const ordersDb: TestResource = {
  type: "kubernetes:external-secrets.io/v1:ExternalSecret",
  name: "shop/shop/orders-db",
  props: { metadata: { name: "orders", namespace: "shop" }, spec: { target: { name: "orders-db" } } },
};
const sessionKey: TestResource = {
  type: "kubernetes:external-secrets.io/v1:ExternalSecret",
  name: "shop/shop/session-key",
  props: { metadata: { name: "session-key", namespace: "shop" }, spec: { target: { name: "session-key" } } },
};
const restarting = (annotations: Json): TestResource => ({
  type: "kubernetes:apps/v1:DeploymentPatch",
  name: "deployment/shop/web",
  props: { metadata: { name: "web", namespace: "shop" }, spec: { template: { metadata: { annotations } } } },
});
const patch = restarting({ [restartAnnotation("dev", "shop/orders-db")]: "id" });
const takesBoth = {
  envFrom: [{ secretRef: { name: "orders-db" } }, { secretRef: { name: "session-key" } }],
};
const fromEnv = { env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } } }] };
const bySubPath = { volumeMounts: [{ name: "db", mountPath: "/etc/db/password", subPath: "password" }] };
const volumes = [{ name: "db", secret: { secretName: "orders-db" } }];

function workload(
  container: Json,
  more: { annotations?: Json; kind?: string; pod?: Json; namespace?: string } = {},
): TestResource {
  const { annotations = {}, kind = "Deployment", pod = {}, namespace = "shop" } = more;
  return {
    type: `kubernetes:${kind === "Rollout" ? "argoproj.io/v1alpha1" : "apps/v1"}:${kind}`,
    name: "web",
    props: {
      metadata: { name: "web", namespace, annotations },
      spec: { template: { spec: { containers: [{ name: "app" }, { name: "side", ...container }], volumes, ...pod } } },
    },
  };
}

function stuck(how: string, kind = "Deployment", secret = "orders-db") {
  const file = how === "by subPath" ? ", or mount the volume without subPath" : "";
  return says(
    "mandatory",
    `${kind}/shop/web takes ${secret} ${how}, and nothing restarts it when the secret is rotated: declare it as a consumer ` +
      `of the secret, or annotate it with secret.reloader.stakater.com/reload: ${secret}${file}`,
  );
}

describe("policies/workloadTakesUpdates", () => {
  let pack: Pack;
  before(async () => {
    pack = await sharedPack("prod");
    await pack.configure();
  });
  const judged = async (...resources: TestResource[]) =>
    ofPolicy(policy, await pack.analyzeStack([ordersDb, ...resources]));

  it("passes a volume, whose files follow the secret", async () => {
    assert.deepEqual(await judged(workload({ volumeMounts: [{ name: "db", mountPath: "/etc/db" }] })), []);
  });

  for (const kind of ["Deployment", "StatefulSet", "DaemonSet", "Rollout"]) {
    it(`reports a ${kind} that takes the secret as environment`, async () => {
      assert.deepEqual(await judged(workload(fromEnv, { kind })), [stuck("as environment", kind)]);
    });
  }

  it("reports envFrom, an init container and a mount by subPath, each secret once", async () => {
    assert.deepEqual(await judged(workload({ envFrom: [{ secretRef: { name: "orders-db" } }], ...fromEnv })), [
      stuck("as environment"),
    ]);
    assert.deepEqual(await judged(workload({}, { pod: { initContainers: [fromEnv] } })), [stuck("as environment")]);
    assert.deepEqual(await judged(workload(bySubPath)), [stuck("by subPath")]);
    const projected = [{ name: "db", projected: { sources: [{ secret: { name: "orders-db" } }] } }];
    assert.deepEqual(await judged(workload(bySubPath, { pod: { volumes: projected } })), [stuck("by subPath")]);
  });

  it("passes a workload that a rotation restarts, as its patch in the stack shows", async () => {
    assert.deepEqual(await judged(workload({ ...fromEnv, ...bySubPath }), patch), []);
    const foreign = { ...patch, props: { metadata: { name: "web", namespace: "shop" }, spec: { replicas: 3 } } };
    assert.deepEqual(await judged(workload(fromEnv), foreign), [stuck("as environment")]);
  });

  it("passes a workload that the stack's configuration declares as a consumer", async () => {
    const consumers = [{ namespace: "shop", name: "web", takes: "env" }];
    const externalSecret = { target: "orders-db" };
    const secrets = [{ name: "shop/orders-db", consumers, externalSecret }];
    const declared = await sharedPack({
      stack: "prod",
      config: { "secret-rotation:secrets": JSON.stringify(secrets) },
    });
    await declared.configure();
    assert.deepEqual(ofPolicy(policy, await declared.analyzeStack([ordersDb, workload(fromEnv)])), []);
    const other = await declared.analyzeStack([ordersDb, workload(fromEnv, { kind: "StatefulSet" })]);
    assert.deepEqual(ofPolicy(policy, other), [stuck("as environment", "StatefulSet")]);
    const both = await declared.analyzeStack([ordersDb, sessionKey, workload(takesBoth)]);
    assert.deepEqual(ofPolicy(policy, both), [stuck("as environment", "Deployment", "session-key")]);
  });

  it("reports a workload that is restarted for one secret, and takes another too", async () => {
    assert.deepEqual(await judged(sessionKey, workload(takesBoth), patch), [
      stuck("as environment", "Deployment", "session-key"),
    ]);
    const annotations = {
      [restartAnnotation("dev", "shop/orders-db")]: "id",
      [restartAnnotation("dev", "shop/session-key")]: "id",
    };
    const forBoth = restarting(annotations);
    assert.deepEqual(await judged(sessionKey, workload(takesBoth), forBoth), []);
    const elsewhere = { ...forBoth, props: { ...forBoth.props, metadata: { name: "web", namespace: "other" } } };
    assert.equal((await judged(sessionKey, workload(takesBoth), elsewhere)).length, 2);
  });

  for (const annotations of [
    { "reloader.stakater.com/auto": "true" },
    { "secret.reloader.stakater.com/auto": "true" },
    { "secret.reloader.stakater.com/reload": "other, orders-db" },
  ]) {
    it(`passes a workload with ${JSON.stringify(annotations)}`, async () => {
      assert.deepEqual(await judged(workload(fromEnv, { annotations })), []);
    });
  }

  it("reports one whose Reloader looks at another secret", async () => {
    const annotations = { "secret.reloader.stakater.com/reload": "orders" };
    assert.deepEqual(await judged(workload(fromEnv, { annotations })), [stuck("as environment")]);
  });

  it("does not look at secrets that nobody manages, nor at another namespace", async () => {
    const foreign = { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "orders", key: "a" } } }] };
    assert.deepEqual(await judged(workload(foreign)), []);
    assert.deepEqual(await judged(workload(fromEnv, { namespace: "other" })), []);
  });
});
