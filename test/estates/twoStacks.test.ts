import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { createProject, type Project, region } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { waitFor } from "../sandbox/process/waitFor";
import { databaseSecret, makeRoles } from "./databaseEstate";
import { deploymentAt, externalSecretAt, foreignHands } from "./foreignHands";

const namespace = "shared";
const stacks = ["left", "right"] as const;
const consumers = [{ namespace, name: "web", takes: "volume" }];

/** Secrets of the same names in both stacks. */
function declared(stack: string) {
  return [
    {
      ...{ name: "app", kind: "app", consumers, syncTimeout: "1m", rolloutTimeout: "2m" },
      externalSecret: { target: `${stack}-app`, keys: [{ key: "KEY" }] },
    },
    {
      ...databaseSecret("db", namespace, [`${stack}_a`, `${stack}_b`], { groupRole: `${stack}_group`, adopt: true }),
      ...{ consumers, syncTimeout: "1m", rolloutTimeout: "2m" },
      externalSecret: { target: `${stack}-db`, keys: [{ key: "password", property: "password" }] },
    },
  ];
}

describe("two stacks in one namespace, on one workload and one database server", function () {
  this.timeout(300_000);
  const projects = new Map<string, Project>();
  let cluster: Workloads;
  const hands = foreignHands;

  before(async () => {
    for (const stack of stacks) {
      const project = await createProject(stack);
      projects.set(stack, project);
      project.declare(declared(stack));
      const roles = [`${stack}_a`, `${stack}_b`].map((role) => [role, "LOGIN"] as [string, string]);
      await makeRoles([`${stack}_group`, "NOLOGIN"], ...roles);
    }
    cluster = workloads();
    await cluster.createNamespace(namespace);
    await cluster.deploy(namespace, "web");
    await Promise.all([...projects.values()].map((project) => project.up()));
  });
  after(() => {
    for (const project of projects.values()) project.remove();
  });

  /** What people and tools do to the same objects meanwhile, once a round. */
  async function others(round: number): Promise<void> {
    const { change, apply } = hands();
    const web = deploymentAt(namespace, "web");
    for (const stack of stacks) {
      const annotations = { "force-sync": String(round) };
      await change(externalSecretAt(namespace, `${stack}-app`), { metadata: { annotations } }, "kubectl-annotate");
    }
    // Both forms of kubectl apply, of a manifest that knows nothing of rotations.
    await change(web, { metadata: { labels: { team: "shop" } }, spec: { replicas: 2 } }, "kubectl-client-side-apply");
    await apply(web, "Deployment", { metadata: { labels: { tier: "web" } }, spec: { replicas: 2 } }, "kubectl");
    if (round % 4 !== 0 || round > 8) return;
    const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
    await change(web, { spec: { template: { metadata: { annotations } } } }, "kubectl-rollout");
  }

  it("are rotated side by side while others write: nothing fails, nothing is undone", async () => {
    const ended = new AbortController();
    const meanwhile = (async () => {
      let round = 0;
      for (; !ended.signal.aborted; round++) {
        await others(round);
        await delay(500, undefined, { signal: ended.signal }).catch(() => undefined);
      }
      return round;
    })();
    const rotateTwice = async (project: Project) => {
      await project.rotate(["app", "db"]);
      return project.rotate(["app", "db"]);
    };
    const runs = await Promise.all([...projects.values()].map(rotateTwice)).finally(() => ended.abort());
    assert.ok((await meanwhile) > 4);
    const annotations = await cluster.annotations(namespace, "web");
    for (const { stack, secrets } of runs) {
      for (const { secret, outcome, error, newVersionId } of secrets) {
        assert.equal(error?.message ?? outcome, "rotated", `${stack}/${secret}`);
        assert.equal(annotations[`${stack}.secret-rotation/${secret}`], newVersionId);
      }
    }
    assert.ok(annotations["kubectl.kubernetes.io/restartedAt"]);
    for (const project of projects.values()) assert.deepEqual(await project.up(), []);
    for (const stack of stacks) {
      const { metadata } = await hands().read(externalSecretAt(namespace, `${stack}-app`));
      assert.match(metadata.annotations?.["force-sync"] ?? "", /^\d+$/);
    }
    assert.deepEqual(await cluster.annotations(namespace, "web"), annotations);
  });

  it("what one gives up, the other keeps", async () => {
    const [left, right] = [projects.get("left"), projects.get("right")] as [Project, Project];
    const before = await cluster.annotations(namespace, "web");
    const [app, db] = declared("left");
    const may = { "secret-rotation:mayDelete": ["left/db"] };
    left.declare(
      [app, db].filter((one) => one !== undefined),
      may,
    );
    await left.up();
    // One secret goes, and with it the workload's patch.
    const externalSecret = { ...app?.externalSecret, namespaces: [namespace] };
    left.declare([{ ...app, consumers: [], externalSecret }], may);
    await left.up();
    const after = await cluster.annotations(namespace, "web");
    for (const secret of ["app", "db"]) {
      const key = `right.secret-rotation/${secret}`;
      assert.equal(after[key], before[key]);
    }
    const { secrets } = await right.rotate(["app", "db"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.message ?? outcome),
      ["rotated", "rotated"],
    );
  });

  it("External Secrets reads again when it is told to, and no stack undoes that", async () => {
    const value = "put by a person meanwhile";
    const { secretsManager, kubernetes } = realPorts({ region });
    const SecretId = "right/app";
    const put = new PutSecretValueCommand({ SecretId, SecretString: value, VersionStages: ["BYHAND"] });
    const { VersionId: to = "" } = await new SecretsManagerClient({}).send(put);
    const live = await secretsManager.describe(SecretId);
    await secretsManager.moveCurrent(SecretId, { from: live && versionWith("AWSCURRENT", live), to });
    const inKubernetes = async () => (await cluster.secretData(namespace, "right-app")).KEY;
    assert.notEqual(await inKubernetes(), value);
    await kubernetes.readAgain(namespace, "right-app", "first");
    await waitFor("the value", async () => (await inKubernetes()) === value, { timeoutMs: 30_000 });
    assert.deepEqual(await projects.get("right")?.up(), []);
  });
});
