import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchV1Api, KubeConfig } from "@kubernetes/client-node";
import { realPorts } from "../../rotation/ports";
import { openStack } from "../../rotation/stack/openStack";
import { verify } from "../../rotation/status/verification";
import { documented } from "../faults/kubeconfigs";
import { waitFor } from "../sandbox/process/waitFor";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { type Workloads, workloads } from "./workloads";

const namespace = "cronjobs";
const name = "report";

describe("a CronJob that takes a secret", function () {
  this.timeout(300_000);
  let project: Project;
  let cluster: Workloads;
  let batch: BatchV1Api;
  let folder: string;
  let uid: string;

  /** A job that runs as long as the returned function is not called. */
  async function startJob(job: string): Promise<() => void> {
    const file = join(folder, job);
    writeFileSync(file, "");
    const ownerReferences = [{ apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true }];
    const command = ["/bin/sh", "-c", `while [ -e ${file} ]; do sleep 0.1; done`];
    const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "TOKEN" } } }];
    const spec = { restartPolicy: "Never", containers: [{ name: "main", image: "local", command, env }] };
    const body = { metadata: { name: job, ownerReferences }, spec: { template: { spec } } };
    await batch.createNamespacedJob({ namespace, body });
    await waitFor(`the pod of ${job}`, async () => (await pods()).some((pod) => pod.job === job), {
      timeoutMs: 30_000,
    });
    return () => rmSync(file);
  }
  const pods = () => realPorts({ region }).kubernetes.jobPods({ namespace, name });
  /** What `verify` finds. */
  async function againstIt(): Promise<string[]> {
    const { config } = await openStack(namespace, project.folder);
    const [secret] = config.secrets;
    assert.ok(secret);
    return (await verify(secret, config, realPorts({ region }))).problems.map(({ message }) => message);
  }
  const held = async () => (await cluster.secretData(namespace, "token")).TOKEN;
  /** Until Kubernetes has another value, in a second of its own. */
  async function nextValue(before: string | undefined): Promise<void> {
    await waitFor("the new value", async () => (await held()) !== before, { timeoutMs: 30_000 });
    const { contentSince } = (await realPorts({ region }).kubernetes.secret(namespace, "token")) ?? {};
    const second = (contentSince?.getTime() ?? 0) + 1000;
    await waitFor("the next second", async () => Date.now() > second, { timeoutMs: 5000 });
  }

  before(async () => {
    await useSandbox();
    cluster = workloads();
    await cluster.createNamespace(namespace);
    folder = mkdtempSync(join(tmpdir(), "secret-rotation-jobs-"));
    const config = new KubeConfig();
    config.loadFromDefault();
    batch = config.makeApiClient(BatchV1Api);
    const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "TOKEN" } } }];
    const containers = [{ name: "main", image: "local", env }];
    const jobTemplate = { spec: { template: { spec: { restartPolicy: "Never", containers } } } };
    const body = { metadata: { name }, spec: { schedule: "0 0 1 1 *", jobTemplate } };
    uid = (await batch.createNamespacedCronJob({ namespace, body })).metadata?.uid ?? "";
    project = await createProject(namespace, { "kubernetes:kubeconfig": await documented(namespace) });
    declare("1m");
    await project.up();
    assert.equal(only(await project.rotate(["token"])).error?.message, undefined);
  });
  after(() => {
    project.remove();
    rmSync(folder, { recursive: true });
  });
  function declare(rolloutTimeout: string): void {
    const externalSecret = { target: "token", keys: [{ key: "TOKEN" }] };
    const consumers = [{ namespace, kind: "CronJob", name, takes: "env" }];
    project.declare([{ name: "token", kind: "app", externalSecret, consumers, rolloutTimeout }]);
  }

  it("is waited for while a job runs with the older value, and not for one that began with the new one", async () => {
    const before = await held();
    const end = await startJob("older");
    let isDone = false;
    const rotating = project.rotate(["token"]).finally(() => {
      isDone = true;
    });
    await nextValue(before);
    const endNewer = await startJob("newer");
    assert.equal(isDone, false);
    end();
    const { outcome, error } = only(await rotating);
    assert.equal(outcome, "rotated", error?.message);
    assert.ok((await pods()).some(({ job }) => job === "newer"));
    endNewer();
    await waitFor("no job", async () => (await pods()).length === 0, { timeoutMs: 30_000 });
  });

  it("stops the rotation when it takes too long; the same command goes on when it has ended", async () => {
    declare("5s");
    const end = await startJob("long");
    const failed = only(await project.rotate(["token"]));
    assert.deepEqual([failed.outcome, failed.error?.code, failed.error?.step], ["failed", "ROLLOUT_FAILED", "rollout"]);
    assert.match(failed.error?.message ?? "", /CronJob cronjobs\/report: after 5 s long began with the older value/);
    const value = await held();
    assert.deepEqual(await againstIt(), [
      "its rotation is interrupted",
      "CronJob cronjobs/report: of its jobs long began with the older value",
    ]);
    end();
    await waitFor("the end of the job", async () => (await pods()).length === 0, { timeoutMs: 30_000 });
    const resumed = only(await project.rotate(["token"]));
    assert.deepEqual([resumed.outcome, resumed.newVersionId], ["resumed", failed.newVersionId]);
    assert.equal(await held(), value);
    assert.deepEqual(await againstIt(), []);
    assert.deepEqual(await project.up(), []);
  });

  it("that is not there is told before anything is touched", async () => {
    const value = await held();
    project.declare([
      {
        ...{ name: "token", kind: "app", externalSecret: { target: "token", keys: [{ key: "TOKEN" }] } },
        consumers: [{ namespace, kind: "CronJob", name: "gone", takes: "env" }],
      },
    ]);
    const { error } = only(await project.rotate(["token"]));
    assert.deepEqual([error?.code, error?.text], ["CONSUMER_MISSING", "there is no CronJob cronjobs/gone"]);
    assert.equal(await held(), value);
  });
});
