import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DeleteSecretCommand, RestoreSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { RunResult } from "../../rotation/result";
import { holdStack } from "./heldStack";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const app = (name: string, ...workloads: string[]) => ({
  name,
  kind: "app",
  syncTimeout: "20s",
  rolloutTimeout: "30s",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["rotation"] },
  consumers: workloads.map((workload) => ({ namespace: "rotation", name: workload, takes: "env" })),
});

describe("a rotation on real parts", function () {
  this.timeout(120_000);
  let project: Project;
  let cluster: Workloads;

  const live = async (name: string) => {
    const found = await realPorts({ region }).secretsManager.describe(`rotation/${name}`);
    assert.ok(found, `${name} is not in Secrets Manager`);
    return found;
  };
  const value = async (name: string, stage: string) => {
    const id = versionWith(stage, await live(name));
    return id && realPorts({ region }).secretsManager.value(`rotation/${name}`, id);
  };

  before(async () => {
    project = await createProject("rotation");
    cluster = workloads();
    await cluster.createNamespace("rotation");
    await cluster.deploy("rotation", "web");
    await cluster.deploy("rotation", "queue");
    project.declare([app("one", "web"), app("two", "web", "queue"), app("three", "queue"), app("alone")]);
    await project.up();
    const first = await project.rotate(["one", "two", "three"]);
    assert.deepEqual(
      first.secrets.map(({ outcome, error }) => error?.message ?? outcome),
      ["rotated", "rotated", "rotated"],
    );
  });
  after(() => project.remove());

  it("brings the new version into Secrets Manager, Kubernetes and the workload", async () => {
    const before = await value("one", "AWSCURRENT");
    const result = only(await project.rotate(["one"]));
    assert.equal(result.outcome, "rotated");
    assert.equal(versionWith("AWSCURRENT", await live("one")), result.newVersionId);
    assert.equal(versionWith("AWSPREVIOUS", await live("one")), result.oldVersionId);
    assert.equal(await value("one", "AWSPREVIOUS"), before);
    assert.deepEqual(await cluster.secretData("rotation", "one"), { KEY: await value("one", "AWSCURRENT") });
    assert.equal((await cluster.annotations("rotation", "web"))["rotation.secret-rotation/one"], result.newVersionId);
  });

  it("stamps the Secret when all gates have passed", async () => {
    const run = await project.rotate(["one"]);
    const { tags } = await live("one");
    assert.equal(tags["rotated-version"], only(run).newVersionId);
    assert.equal(tags["rotated-by"], run.runId);
    assert.ok(Date.now() - new Date(tags["rotated-at"] ?? "").getTime() < 60_000);
  });

  it("has its engine write down nothing of what it is given, whatever the environment says", async () => {
    const log = join(project.folder, "grpc.json");
    process.env.PULUMI_DEBUG_GRPC = log;
    try {
      assert.equal(only(await project.rotate(["two"])).outcome, "rotated");
    } finally {
      delete process.env.PULUMI_DEBUG_GRPC;
    }
    assert.ok(!existsSync(log));
  });

  it("changes nothing in a plain pulumi up afterwards", async () => {
    const before = await live("one");
    assert.deepEqual(await project.up(), []);
    assert.deepEqual(await live("one"), before);
  });

  it("restarts a shared workload once for the secrets that rotate together", async () => {
    const before = await cluster.rollouts("rotation", "web");
    const { secrets } = await project.rotate(["one", "two"]);
    assert.deepEqual(
      secrets.map(({ outcome }) => outcome),
      ["rotated", "rotated"],
    );
    assert.equal(await cluster.rollouts("rotation", "web"), before + 1);
  });

  it("another run rotates a secret before this one gets the stack: that one fails at once, the others go on", async () => {
    const real = realPorts({ region }).secretsManager;
    let other: Promise<RunResult> | undefined;
    const value = async (name: string, versionId: string) => {
      // The stack's state has been read then.
      if (name === "rotation/two") {
        other ??= project.rotate(["two"]);
        await other;
      }
      return real.value(name, versionId);
    };
    const { secrets } = await project.rotate(["one", "two"], { ports: { secretsManager: { ...real, value } } });
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.code ?? outcome),
      ["rotated", "SUPERSEDED"],
    );
    assert.ok(other);
    assert.equal(versionWith("AWSCURRENT", await live("two")), only(await other).newVersionId);
    assert.equal(only(await project.rotate(["two"])).outcome, "rotated");
  });

  it("rotates a secret that nothing consumes", async () => {
    assert.equal(only(await project.rotate(["alone"])).outcome, "rotated");
    assert.deepEqual(await cluster.secretData("rotation", "alone"), { KEY: await value("alone", "AWSCURRENT") });
  });

  it("refuses a secret whose consumer does not exist, and touches nothing", async () => {
    project.declare([
      app("one", "web"),
      app("two", "web", "queue"),
      app("three", "queue"),
      app("alone"),
      app("lost", "nowhere"),
    ]);
    await project.up();
    const result = only(await project.rotate(["lost"]));
    assert.equal(result.error?.code, "CONSUMER_MISSING");
    assert.deepEqual((await live("lost")).stages, {});
  });

  it("refuses a secret whose consumer would not restart, and touches nothing", async () => {
    await cluster.pause("rotation", "queue", true);
    const before = await live("three");
    const { error } = only(await project.rotate(["three"]));
    assert.equal(error?.code, "CONSUMER_HELD_BACK");
    assert.match(error?.message ?? "", /Deployment rotation\/queue is paused: not all of its pods would restart/);
    assert.match(error?.hint ?? "", /kubectl rollout resume/);
    assert.deepEqual(await live("three"), before);
    await cluster.pause("rotation", "queue", false);
  });

  it("refuses a secret that AWS is to delete, and says how it comes back", async () => {
    const [aws, SecretId] = [new SecretsManagerClient({ region }), "rotation/alone"];
    await aws.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    const { error } = only(await project.rotate(["alone"]));
    await aws.send(new RestoreSecretCommand({ SecretId }));
    assert.deepEqual([error?.code, error?.retryable], ["SCHEDULED_FOR_DELETION", false]);
    assert.equal(error?.hint, "aws secretsmanager restore-secret --secret-id rotation/alone");
  });

  it("refuses a secret whose consumer was taken out, until pulumi up has released that", async () => {
    project.declare([app("one", "web"), app("two", "web"), app("three"), app("alone")]);
    const before = await live("three");
    const { error } = only(await project.rotate(["three"]));
    assert.match(
      error?.message ?? "",
      /the stack still has deployment\/rotation\/queue, which the configuration has no more/,
    );
    assert.deepEqual(await live("three"), before);
    await project.up();
    assert.equal(only(await project.rotate(["three"])).outcome, "rotated");
    project.declare([app("one", "web"), app("two", "web", "queue"), app("three", "queue"), app("alone")]);
    await project.up();
  });

  describe("when a gate fails", () => {
    it("prove: AWSCURRENT, Kubernetes and the workload stay, and the other secret goes on once the stack is free", async () => {
      const [before, data] = [await live("one"), await cluster.secretData("rotation", "one")];
      const real = realPorts({ region }).secretsManager;
      let released: Promise<void> | undefined;
      const moveCurrent: typeof real.moveCurrent = async (secret, move) => {
        if (secret === "rotation/one") {
          // Before the update that is repeated without it somebody else gets the stack.
          released ??= holdStack("rotation").releaseOnceRefused();
          throw Object.assign(new Error("made to fail"), { name: "InternalServiceError" });
        }
        await real.moveCurrent(secret, move);
      };
      const { secrets } = await project.rotate(["one", "two"], { ports: { secretsManager: { ...real, moveCurrent } } });
      await released;
      assert.deepEqual(
        secrets.map(({ outcome, error }) => [outcome, error?.step]),
        [
          ["failed", "finish"],
          ["rotated", undefined],
        ],
      );
      assert.equal(secrets[0]?.error?.message, "one: finish: InternalServiceError: made to fail");
      assert.equal(versionWith("AWSCURRENT", await live("one")), versionWith("AWSCURRENT", before));
      assert.deepEqual(await cluster.secretData("rotation", "one"), data);
      const annotations = await cluster.annotations("rotation", "web");
      assert.equal(annotations["rotation.secret-rotation/one"], versionWith("AWSCURRENT", before));
      assert.equal(annotations["rotation.secret-rotation/two"], secrets[1]?.newVersionId);
      assert.equal((await live("one")).tags["rotated-version"], before.tags["rotated-version"]);
    });

    it("a plain pulumi up in between changes nothing, and the next run finishes the same version", async () => {
      const pending = versionWith("AWSPENDING", await live("one"));
      assert.deepEqual(await project.up(), []);
      const result = only(await project.rotate(["one"]));
      assert.equal(result.outcome, "resumed");
      assert.equal(result.newVersionId, pending);
      assert.equal(versionWith("AWSCURRENT", await live("one")), pending);
    });

    it("synced: the workload is not restarted, and the other secrets of the run are", async () => {
      const stale = (port: ReturnType<typeof realPorts>["kubernetes"]) => ({
        ...port,
        secret: async (namespace: string, name: string) => (name === "one" ? undefined : port.secret(namespace, name)),
      });
      const before = await cluster.annotations("rotation", "web");
      const { secrets } = await project.rotate(["one", "two"], {
        ports: { kubernetes: stale(realPorts({ region }).kubernetes) },
      });
      assert.deepEqual(
        secrets.map(({ outcome, error }) => [outcome, error?.code]),
        [
          ["failed", "NOT_SYNCED"],
          ["rotated", undefined],
        ],
      );
      const after = await cluster.annotations("rotation", "web");
      assert.equal(after["rotation.secret-rotation/one"], before["rotation.secret-rotation/one"]);
      assert.equal(after["rotation.secret-rotation/two"], secrets[1]?.newVersionId);
      assert.equal(only(await project.rotate(["one"])).outcome, "resumed");
    });

    it("verified: the Secret is not stamped", async () => {
      const unwell = (port: ReturnType<typeof realPorts>["kubernetes"]) => {
        let rolledOut = false;
        return {
          ...port,
          // The check before the run sees it well; what the gate sees later is never available.
          workload: async (id: Parameters<typeof port.workload>[0]) => {
            const found = await port.workload(id);
            const was = rolledOut;
            rolledOut = true;
            return was && found ? { ...found, waitsFor: "1 of 2 replicas are available" } : found;
          },
        };
      };
      project.declare([
        { ...app("one", "web"), rolloutTimeout: "5s" },
        app("two", "web", "queue"),
        app("three", "queue"),
        app("alone"),
      ]);
      const before = (await live("one")).tags;
      const result = only(
        await project.rotate(["one"], { ports: { kubernetes: unwell(realPorts({ region }).kubernetes) } }),
      );
      assert.equal(result.error?.code, "ROLLOUT_FAILED");
      assert.match(result.error?.message ?? "", /1 of 2 replicas are available/);
      assert.deepEqual((await live("one")).tags, before);
      assert.equal(only(await project.rotate(["one"])).outcome, "resumed");
    });
  });
});
