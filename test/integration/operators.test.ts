import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ApiextensionsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { operators } from "../../infra/operators";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { createTestStack, type TestStack } from "../sandbox/standins/testing/testStack";
import { type ChartRepository, serveCharts } from "./chartRepository";
import { createProject, only, type Project } from "./project";
import { workloads } from "./workloads";

const stack = "operators";
const group = "operators.test";
const { XDG_CACHE_HOME: cache } = process.env;

/** Helm, in the provider, keeps what it downloads: not in this user's folder. */
function keepCharts(folder: string | undefined): void {
  if (folder === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = folder;
}

/** The API server refuses it when Helm has made or changed what comes before it. */
const refused = { apiVersion: "v1", kind: "Service", metadata: { name: "refused" }, spec: { ports: [{ port: 0 }] } };
const secrets = [
  { name: "key", kind: "app", externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: [stack] } },
];

describe("what the stack installs in the cluster", function () {
  this.timeout(240_000);
  let project: Project;
  let repository: ChartRepository;
  let reloader: object;
  let core: CoreV1Api;

  before(async () => {
    repository = await serveCharts({ "external-secrets": ["1.0.0", "1.1.0"], reloader: ["1.0.0"] });
    reloader = { version: "1.0.0", namespace: "operators-reloader", repository: repository.url };
    project = await createProject(stack);
    keepCharts(project.folder);
    await workloads().createNamespace(stack);
    const config = new KubeConfig();
    config.loadFromDefault();
    core = config.makeApiClient(CoreV1Api);
  });
  after(() => {
    keepCharts(cache);
    project.remove();
    repository.close();
  });

  const release = (more: object = {}) => ({
    ...{ version: "1.0.0", namespace: "operators-es", repository: repository.url, values: { group } },
    ...more,
  });
  const declare = (operators: object | undefined, of = project) =>
    of.declare(secrets, operators && { "secret-rotation:operators": operators });
  const installed = async (name = "external-secrets", namespace = "operators-es") =>
    (await core.readNamespacedConfigMap({ name, namespace })).data ?? {};

  it("is there before the store that needs it", async () => {
    declare({ externalSecrets: release(), reloader });
    const operations = await project.up();
    const at = (operation: string) => operations.indexOf(operation);
    assert.ok(at("create Release external-secrets") >= 0, operations.join("\n"));
    assert.ok(at("create Release external-secrets") < at(`create SecretStore ${stack}/secret-rotation`));
    assert.equal((await installed()).chart, "1.0.0");
    const { values } = await installed("reloader", "operators-reloader");
    assert.equal(JSON.parse(values ?? "").reloader.autoReloadAll, false);
    assert.deepEqual(await project.up(), []);
  });

  it("follows its values and its version, and nothing else moves", async () => {
    for (const [change, chart] of [
      [{ values: { group, log: { level: "debug" } } }, "1.0.0"],
      [{ version: "1.1.0", values: { group, log: { level: "debug" } } }, "1.1.0"],
    ] as const) {
      declare({ externalSecrets: release(change), reloader });
      assert.deepEqual(await project.up(), ["update Release external-secrets"]);
      const { log, ...rest } = await installed();
      assert.deepEqual(rest, { chart });
      assert.deepEqual(JSON.parse(log ?? ""), { level: "debug", timeEncoding: "epoch" });
    }
  });

  it("is no part of a rotation", async () => {
    const upgraded = release({ version: "1.0.0" });
    declare({ externalSecrets: upgraded, reloader }); // not applied yet
    const { outcome, error } = only(await project.rotate(["key"]));
    assert.equal(outcome, "rotated", error?.message);
    assert.equal((await installed()).chart, "1.1.0");
    assert.deepEqual(await project.up(), ["update Release external-secrets"]);
    assert.deepEqual(await project.up(), []);
    await (await project.pulumi()).refresh();
    assert.deepEqual(await project.up(), []);
  });

  it("is refused to a second stack, which makes nothing where somebody else installs it", async () => {
    const other = await createProject(`${stack}-other`);
    try {
      declare({ externalSecrets: release({ version: "1.1.0" }) }, other);
      await assert.rejects(other.up(), /cannot re-use a name that is still in use/);
      declare({ externalSecrets: release({ version: "1.1.0", namespace: "operators-other" }) }, other);
      await assert.rejects(other.up(), /widgets\.operators\.test.*invalid ownership metadata/s);
      assert.equal((await installed()).chart, "1.0.0");
      declare({ externalSecrets: { install: false }, reloader: { install: false } }, other);
      assert.ok(!(await other.up()).some((operation) => operation.includes("Release")));
      await (await other.pulumi()).destroy();
    } finally {
      other.remove();
    }
  });

  it("stays when it is declared no longer, and is the stack's again after an import", async () => {
    declare({ externalSecrets: { install: false }, reloader: { install: false } });
    await project.up();
    assert.equal((await installed()).chart, "1.0.0");
    assert.ok(await installed("reloader", "operators-reloader"));
    declare({ externalSecrets: release({ version: "1.1.0" }) });
    await assert.rejects(project.up(), /cannot re-use a name that is still in use/);
    const what = ["kubernetes:helm.sh/v3:Release", "external-secrets", "operators-es/external-secrets"];
    const how = ["--protect=false", "--generate-code=false", "--yes", "--stack", stack];
    await promisify(execFile)("pulumi", ["import", ...what, ...how], { cwd: project.folder });
    assert.deepEqual(await project.up(), ["update Release external-secrets"]);
    assert.equal((await installed()).chart, "1.1.0");
    assert.deepEqual(await project.up(), []);
  });

  it("goes back to the release before when an upgrade fails", async () => {
    declare({ externalSecrets: release({ values: { group, extraObjects: [refused] } }) });
    await assert.rejects(project.up(), /Service "refused" is invalid/);
    assert.equal((await installed()).chart, "1.1.0");
    declare({ externalSecrets: release() });
    assert.deepEqual(await project.up(), ["update Release external-secrets"]);
    assert.equal((await installed()).chart, "1.0.0");
  });
});

describe("a cluster that has nothing yet", function () {
  this.timeout(240_000);
  let first: TestStack;
  let repository: ChartRepository;

  before(async () => {
    repository = await serveCharts({ "external-secrets": ["1.0.0"] });
    first = await createTestStack("operators-first");
    Object.assign(process.env, first.sandbox.env);
    keepCharts(join(first.sandbox.dir, first.unique));
  });
  after(() => {
    keepCharts(cache);
    repository.close();
  });

  it("gets what an operator defines in one update, also after one that failed, and keeps it when the stack is destroyed", async () => {
    const { unique: namespace } = first;
    const own = `${namespace}.test`;
    const program = (extraObjects: readonly object[]) => () => {
      const externalSecrets = {
        ...{ version: "1.0.0", namespace, repository: repository.url },
        values: { group: own, extraObjects },
      };
      const values = { "aws:region": "eu-west-1", "secret-rotation:operators": { externalSecrets } };
      const release = operators(readStackConfig(namespace, values), undefined);
      const widget = { apiVersion: `${own}/v1`, kind: "Widget", metadata: { name: "one", namespace } };
      new CustomResource("widget", widget, { dependsOn: release ? [release] : [] });
      return Promise.resolve();
    };
    const made = ["create external-secrets", "create widget"];
    assert.deepEqual((await first.preview(program([]))).steps, made);
    await assert.rejects(first.up(program([refused])), /Service "refused" is invalid/);
    assert.deepEqual((await first.up(program([]))).steps, made);
    await first.destroy();
    const config = new KubeConfig();
    config.loadFromDefault();
    assert.ok(await config.makeApiClient(CoreV1Api).readNamespacedConfigMap({ name: "external-secrets", namespace }));
    const definition = await config
      .makeApiClient(ApiextensionsV1Api)
      .readCustomResourceDefinition({ name: `widgets.${own}` });
    assert.equal(definition.metadata?.annotations?.["helm.sh/resource-policy"], "keep");
  });
});
