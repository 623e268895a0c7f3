import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  loadAllYaml,
  RbacAuthorizationV1Api,
  type V1ClusterRole,
  type V1CronJob,
  type V1Job,
  type V1ServiceAccount,
} from "@kubernetes/client-node";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { repository, sandboxDirectory, sandboxPaths } from "../sandbox/paths";
import { waitFor } from "../sandbox/process/waitFor";
import { createProject, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

const stack = "cron-job";
const manifest = (file: string) =>
  loadAllYaml(readFileSync(join(repository, "infra/permissions", file), "utf8")) as unknown[];

describe("the CronJob of infra/permissions", function () {
  this.timeout(180_000);
  let project: Project;
  const config = new KubeConfig();
  const [account, cronJob] = manifest("cronjob.yaml") as [V1ServiceAccount, V1CronJob];
  const role = manifest("kubernetes.yaml")[0] as V1ClusterRole;
  const metadata = { name: "secret-rotation", namespace: stack };

  before(async () => {
    await useSandbox();
    config.loadFromDefault();
    project = await createProject(stack);
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    const externalSecret = { target: "one", keys: [{ key: "KEY" }] };
    const consumers = [{ namespace: stack, name: "web", takes: "env" }];
    project.declare([{ name: "one", kind: "app", externalSecret, consumers }]);
    await project.up();
    // The image's /app, but for the example's stacks and the policy pack.
    mkdirSync(join(project.folder, "policies"));
    for (const path of ["policies/typescript.js", "rotation"]) {
      symlinkSync(join(repository, path), join(project.folder, path));
    }
    await bind();
  });
  after(() => project.remove());

  /** What the manifest's first lines say; and the pod's credentials, which no pod of the sandbox gets. */
  async function bind(): Promise<void> {
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    await rbac.createClusterRole({ body: role }).catch((error: { code?: number }) => {
      if (error.code !== 409) throw error; // another suite was faster
    });
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespacedServiceAccount({ namespace: stack, body: { ...account, metadata } });
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata?.name ?? "" };
    const subjects = [{ kind: "ServiceAccount", ...metadata }];
    await rbac.createNamespacedRoleBinding({ namespace: stack, body: { metadata, roleRef, subjects } });
    const body = { spec: { audiences: ["https://kubernetes.default.svc"] } };
    const { status } = await core.createNamespacedServiceAccountToken({ ...metadata, body });
    const own = new KubeConfig();
    const [cluster] = config.clusters;
    assert.ok(cluster);
    own.loadFromClusterAndUser(cluster, { name: "secret-rotation", token: status?.token ?? "" });
    writeFileSync(join(project.folder, "kubeconfig"), own.exportConfig(), { mode: 0o600 });
  }

  /** As `kubectl create job --from=cronjob/secret-rotation` makes it, for a node whose containers are processes. */
  async function jobFrom({ spec }: V1CronJob): Promise<V1Job> {
    const job = structuredClone(spec?.jobTemplate.spec);
    const [container] = job?.template.spec?.containers ?? [];
    assert.ok(job && container);
    const { command = [], args = [] } = container;
    const { env } = await useSandbox();
    const variables = { ...env, KUBECONFIG: join(project.folder, "kubeconfig") };
    delete container.workingDir;
    container.command = ["sh", "-c", 'cd "$0" && exec "$@"', project.folder, ...command];
    container.args = args.map((arg) => (arg === "prod" ? stack : arg));
    container.env = Object.entries(variables).map(([name, value]) => ({ name, value }));
    return { metadata: { name: "by-hand" }, spec: job };
  }

  /** What its pods have said. */
  function said(): string {
    const { podLogs } = sandboxPaths(sandboxDirectory());
    const logs = readdirSync(podLogs).filter((name) => name.startsWith(`${stack}_by-hand`));
    return logs.map((name) => readFileSync(join(podLogs, name), "utf8")).join("\n");
  }

  it("is taken by the API server as it is", async () => {
    const body = { ...cronJob, metadata };
    const batch = config.makeApiClient(BatchV1Api);
    const { spec } = await batch.createNamespacedCronJob({ namespace: stack, body, fieldValidation: "Strict" });
    assert.deepEqual([spec?.schedule, spec?.concurrencyPolicy], ["0 2 * * *", "Forbid"]);
  });

  it("rotates what is due as a Job, with the permissions of kubernetes.yaml and no others", async () => {
    const batch = config.makeApiClient(BatchV1Api);
    const created = await batch.readNamespacedCronJob(metadata);
    await batch.createNamespacedJob({ namespace: stack, body: await jobFrom(created) });
    const ended = async () => {
      const { status } = await batch.readNamespacedJob({ namespace: stack, name: "by-hand" });
      return status?.conditions?.some(({ type, status }) => ["Complete", "Failed"].includes(type) && status === "True");
    };
    await waitFor("the Job's end", ended, { timeoutMs: 120_000 });
    const { status } = await batch.readNamespacedJob({ namespace: stack, name: "by-hand" });
    assert.deepEqual([status?.succeeded, status?.failed], [1, undefined], said());
    const live = await realPorts({ region }).secretsManager.describe(`${stack}/one`);
    assert.notEqual(live && versionWith("AWSCURRENT", live), undefined);
  });
});
