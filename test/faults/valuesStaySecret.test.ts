import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { textsOf } from "../../rotation/contract/processWatch";
import { cli, type Finished } from "../integration/cli";
import { createProject, type Project, region, useSandbox } from "../integration/project";
import { workloads } from "../integration/workloads";
import { repository, sandboxPaths, typescriptArgs } from "../sandbox/paths";
import { registered } from "../sandbox/process/registry";
import type { Sandbox } from "../sandbox/sandbox";
import { asSuperuser } from "../sandbox/testing/superuser";
import { FolderWatch } from "../search/folderWatch";
import { liveValues } from "../search/liveValues";
import { type Hit, type Needle, searchBytes } from "../search/needles";
import { ProcessWatch } from "../search/processWatch";
import { searchFolder } from "../search/searchFolder";
import { AwsProxy } from "./awsProxy";
import { asText, collect, neverWritten } from "./evidence";
import { hitsInEvidence } from "./saysNoValue";

const stack = "faults-values";
const bucket = "faults-values";
/** From 9 on the engine writes every secret input into its log, whosever it is (rotation/THREATS.md). */
const verbosity = "8";
const secret = (name: string, kind: string, more: object = {}, property?: string) => ({
  name,
  kind,
  externalSecret: { target: name, keys: [{ key: "KEY", ...(property && { property }) }] },
  consumers: [{ namespace: stack, name: "web", takes: "env" }],
  ...more,
});
const server = { dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable" };
const pair = { ...server, roles: ["values_a", "values_b"], groupRole: "values_group", gracePeriod: "0s" };
const declared = [
  secret("key", "app"),
  secret("signing", "jwt", {}, "current"),
  secret("pair", "database", { database: pair }, "password"),
  secret(
    "sole",
    "database",
    { strategy: "single-user", database: { ...server, roles: ["values_sole"], adopt: true } },
    "password",
  ),
  secret("lost", "app", {
    consumers: [],
    externalSecret: { target: "lost", keys: [{ key: "KEY" }], namespaces: [stack] },
  }),
];

describe("values stay secret, whatever fails", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  let project: Project;
  let proxy: AwsProxy;
  let temporary: string;
  /** A value that is written down on purpose, so that a search that finds nothing is known to work. */
  let planted: string;
  let events: string;
  let watched: { readonly run: Finished; readonly processes: ProcessWatch; readonly files: FolderWatch };
  let needles: readonly Needle[];
  const nowhere = (hits: readonly Hit[]) => assert.deepEqual(hits.slice(0, 10), []);
  const hitsIn = (where: string, text: string | Buffer) => searchBytes(where, Buffer.from(text), needles);

  before(async () => {
    sandbox = await useSandbox();
    proxy = await AwsProxy.start();
    temporary = mkdtempSync(join(sandbox.dir, "values-"));
    events = join(temporary, "events");
    project = await createProject(stack, {
      "aws:endpoints": [{ secretsmanager: proxy.endpoint }],
      "aws:maxRetries": 1,
      "secret-rotation:backup": { bucket },
      "secret-rotation:audit": { file: "audit.jsonl", s3: { bucket } },
    });
    await prepare();
    project.declare(declared);
    await project.up();
    const first = await cli(project.folder, "rotate", "--type", "all", "--stack", stack).finished;
    assert.equal(first.code, 0, first.stderr);
    proxy.fault({ operation: "PutSecretValue", secret: `${stack}/lost` }, "loseAnswer");
    watched = await watchedRun();
    proxy.heal();
    for (const command of [["status"], ["history"], ["backups"]]) {
      const { stdout, stderr } = await cli(project.folder, ...command, "--stack", stack, "--json").finished;
      collect(command.join(" "), stdout + stderr);
    }
    needles = [...(await liveValues(sandbox.env)), ...neverWritten()];
  });
  after(async () => {
    project.remove();
    rmSync(temporary, { recursive: true });
    await proxy.stop();
  });

  it("the runs were what they had to be: all strategies, one of them failing, and the engine told all", () => {
    const { code, stdout } = watched.run;
    const { secrets } = JSON.parse(stdout) as { secrets: { outcome: string; newVersionId?: string }[] };
    assert.deepEqual([code, ...secrets.map(({ outcome }) => outcome)], [1, ...Array(4).fill("rotated"), "failed"]);
    const told = readFileSync(events, "utf8");
    for (const { newVersionId = "" } of secrets.slice(0, 4)) assert.ok(told.includes(newVersionId));
    assert.match(told, /^\{"time":"[^"]*","level":"INFO"/m);
    const isLookedFor = ({ name }: { name: string }) =>
      needles.some(({ label }) => label.startsWith(`${stack}/${name} `));
    assert.ok(declared.every(isLookedFor));
  });

  it("the search finds them where they have to be", () => {
    const paths = sandboxPaths(sandbox.dir);
    assert.ok(searchFolder(paths.etcd, needles).hits.length >= 4);
    const pods = registered(paths.registry).filter(({ kind }) => kind === "pod");
    assert.ok(hitsIn("", pods.flatMap(({ pid }) => textsOf(pid)).join("\n")).length >= 1);
    // Two secrets may hold the same value: another test restores one, or shares one between stacks.
    const alike = needles.filter(({ forms }) => forms.get("plain 0")?.toString() === planted);
    assert.ok(alike.length >= 1);
    assert.equal(hitsIn("", asText(new Error("outer", { cause: new Error(planted) }))).length, alike.length);
    assert.ok([...(watched.files.seen.get("planted") ?? [])].some((text) => hitsIn("", text).length > 0));
  });

  it("not in arguments and environment of any process of a run", () => {
    const { seen, processes } = watched.processes;
    assert.ok(processes.size >= 3, `${processes.size} processes`);
    nowhere(hitsIn("processes", [...seen].join("\n")));
  });

  it(`not in what a run says, nor in the engine's events and its log at verbosity ${verbosity}`, () => {
    nowhere([...hitsIn("output", watched.run.stdout + watched.run.stderr), ...hitsIn("engine", readFileSync(events))]);
  });

  it("not in temporary files", () => {
    const files = [...watched.files.seen].filter(([name]) => name !== "planted");
    nowhere(files.flatMap(([name, texts]) => [...texts].flatMap((text) => hitsIn(name, Buffer.from(text, "latin1")))));
  });

  it("not in errors with their causes, results and messages", async () => {
    nowhere(await hitsInEvidence());
  });

  it("not in state, history and backups of the backend, Pulumi's own files, the project, logs of all parts and pods", () => {
    const { pulumiState, pulumiHome, logs } = sandboxPaths(sandbox.dir);
    for (const folder of [pulumiState, pulumiHome, logs, project.folder]) {
      const { hits, files } = searchFolder(folder, needles);
      assert.ok(files > 0, folder);
      nowhere(hits);
    }
  });

  it("not in the audit trail, nor in backups", async () => {
    const objects = await objectsIn(bucket);
    for (const prefix of ["secret-audit/", "secret-backups/"])
      assert.ok([...objects.keys()].some((key) => key.startsWith(prefix)));
    nowhere([...objects].flatMap(([key, body]) => hitsIn(key, body)));
    assert.match(readFileSync(join(project.folder, "audit.jsonl"), "utf8"), /AWS_FAILED/);
  });

  async function prepare(): Promise<void> {
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web", { env: { name: "KEY", secret: "key", key: "KEY" } });
    const admin = "TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE";
    await asSuperuser(`CREATE ROLE values_group NOLOGIN; CREATE ROLE values_sole LOGIN; GRANT values_group, values_sole ${admin};
        GRANT CONNECT ON DATABASE shop TO values_group, values_sole`);
  }

  /** All secrets, with everything that the engine tells, and everything that its processes are and write. */
  async function watchedRun(): Promise<typeof watched> {
    const tmp = join(temporary, "tmp");
    mkdirSync(tmp);
    const [known] = await liveValues(sandbox.env);
    planted = known?.forms.get("plain 0")?.toString() ?? "";
    writeFileSync(join(tmp, "planted"), planted);
    const before = { ...process.env };
    Object.assign(process.env, {
      TMPDIR: tmp,
      NODE_OPTIONS: [...typescriptArgs, "-r", join(repository, "test/search/eventTap.ts")].join(" "),
      SECRET_ROTATION_EVENT_LOG: events,
      SECRET_ROTATION_ENGINE_VERBOSITY: verbosity,
    });
    const running = cli(project.folder, "rotate", "--type", "all", "--json", "--stack", stack);
    for (const name of ["TMPDIR", "NODE_OPTIONS", "SECRET_ROTATION_EVENT_LOG", "SECRET_ROTATION_ENGINE_VERBOSITY"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    const [processes, files] = [new ProcessWatch(running.child.pid ?? 0), new FolderWatch(tmp)];
    const run = await running.finished;
    processes.end();
    files.end();
    return { run, processes, files };
  }
});

async function objectsIn(Bucket: string): Promise<Map<string, Buffer>> {
  const s3 = new S3Client({ region, forcePathStyle: true });
  const found = new Map<string, Buffer>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key = "" } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []));
    }
  }
  return found;
}
