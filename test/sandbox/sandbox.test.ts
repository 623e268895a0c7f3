import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { describe, it } from "mocha";
import { Client } from "pg";
import { repository, sandboxPaths, typescriptArgs } from "./paths";
import { isRunning, processTable, sendSignal } from "./process/processTable";
import { registered } from "./process/registry";
import { waitFor } from "./process/waitFor";
import { connectSandbox, type Sandbox, startSandbox } from "./sandbox";
import { kubeConfig } from "./seeds/kubernetes";
import { sharedSandbox } from "./shared";
import { readState } from "./state";
import { processesOf } from "./testing/processes";

function secretsManager({ env }: Sandbox): SecretsManagerClient {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "" };
  return new SecretsManagerClient({ endpoint: env.AWS_ENDPOINT_URL ?? "", region: env.AWS_REGION ?? "", credentials });
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

async function superuserLogin(sandbox: Sandbox): Promise<Login> {
  const get = new GetSecretValueCommand({ SecretId: "dev/postgres/superuser", VersionStage: "AWSCURRENT" });
  const { SecretString = "" } = await secretsManager(sandbox).send(get);
  return JSON.parse(SecretString) as Login;
}

async function query(login: Login, sql: string): Promise<unknown[]> {
  const { host, port, dbname: database, username: user, password } = login;
  const client = new Client({ host, port, database, user, password });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function runMain(dir: string, script: string): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, SECRET_ROTATION_SANDBOX_DIR: dir };
  const child = spawn(process.execPath, [...typescriptArgs, join(__dirname, script)], { cwd: repository, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

describe("sandbox", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await sharedSandbox();
  });

  it("says in its env file how to reach every part", async () => {
    const { env } = sandbox;
    assert.equal(env.PULUMI_BACKEND_URL, `file://${sandbox.dir}/pulumi-state`);
    assert.ok(env.PATH?.startsWith(`${sandbox.dir}/bin:`));
    const child = spawn("/bin/sh", ["-c", `. ${sandbox.dir}/env && pulumi version && echo $PGDATABASE`]);
    let output = "";
    child.stdout.on("data", (text) => (output += String(text)));
    await once(child, "close");
    assert.match(output, /^v3\.\d+\.\d+\S*\nshop\n$/);
  });

  it("has the rotator's login in AWS, which may manage the application's roles and read no data of theirs", async () => {
    const login = await superuserLogin(sandbox);
    assert.equal(login.username, "rotator");
    await query(login, "CREATE ROLE sandbox_test LOGIN IN ROLE orders; DROP ROLE sandbox_test");
    await query(login, "ALTER ROLE reports CONNECTION LIMIT 50");
    await query(login, "SELECT usename FROM pg_stat_activity");
    await assert.rejects(query(login, "SELECT * FROM orders.orders"), /permission denied/);
    await assert.rejects(query(login, "ALTER ROLE postgres CONNECTION LIMIT 50"), /permission denied|SUPERUSER/);
  });

  it("writes refused logins to the log of postgres", async () => {
    const login = { ...(await superuserLogin(sandbox)), username: "nobody_known", password: "wrong" };
    await assert.rejects(query(login, "SELECT 1"), /password authentication failed/);
    const { log } = sandbox.part("postgres");
    await waitFor("the line in the log", () => readFileSync(log, "utf8").includes("nobody_known"), { timeoutMs: 2000 });
  });

  it("brings a secret from AWS into Kubernetes by the operator", async () => {
    const config = kubeConfig(sandbox.env.KUBECONFIG ?? "");
    const objects = config.makeApiClient(CustomObjectsApi);
    const where = { group: "external-secrets.io", version: "v1", namespace: "shop" };
    const provider = { aws: { service: "SecretsManager", region: "eu-west-1" } };
    const store = { metadata: { name: "test-store" }, spec: { provider } };
    const dataFrom = [{ extract: { key: "dev/postgres/superuser" } }];
    const spec = { refreshInterval: "1h0m0s", secretStoreRef: { name: "test-store", kind: "SecretStore" }, dataFrom };
    const external = { metadata: { name: "test-superuser" }, spec };
    const create = (plural: string, kind: string, body: object) =>
      objects.createNamespacedCustomObject({
        ...where,
        plural,
        body: { apiVersion: "external-secrets.io/v1", kind, ...body },
      });
    await create("secretstores", "SecretStore", store);
    await create("externalsecrets", "ExternalSecret", external);
    const core = config.makeApiClient(CoreV1Api);
    const secret = await waitFor(
      "the Kubernetes Secret",
      () => core.readNamespacedSecret({ namespace: "shop", name: "test-superuser" }),
      { timeoutMs: 15_000 },
    );
    assert.equal(Buffer.from(secret.data?.username ?? "", "base64").toString(), "rotator");
  });

  it("pauses, kills and restarts a part by its name", async () => {
    const part = sandbox.part("moto");
    const ask = () => fetch(`${sandbox.env.AWS_ENDPOINT_URL}/moto-api/`, { signal: AbortSignal.timeout(500) });
    part.pause();
    await assert.rejects(ask(), /timeout/);
    part.resume();
    assert.equal((await ask()).status, 200);
    const postgres = sandbox.part("postgres");
    await postgres.kill();
    const login = await superuserLogin(sandbox);
    await assert.rejects(query(login, "SELECT 1"), /ECONNREFUSED/);
    await postgres.restart();
    assert.equal((await query(login, "SELECT 1")).length, 1);
  });

  it("refuses a second sandbox in the same folder, and a folder that holds something else", async () => {
    const second = await runMain(sandbox.dir, "main.ts");
    assert.equal(second.code, 1);
    assert.match(second.output, /A sandbox already runs in .*sandbox:down/);
    const folder = mkdtempSync(join(tmpdir(), "not-a-sandbox-"));
    writeFileSync(join(folder, "precious"), "");
    const foreign = await runMain(folder, "main.ts");
    assert.equal(foreign.code, 1);
    assert.match(foreign.output, /is not empty and no sandbox's folder/);
    assert.ok(existsSync(join(folder, "precious")));
    rmSync(folder, { recursive: true });
  });
});

describe("the end of a sandbox", function () {
  this.timeout(120_000);
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "secret-rotation-end-"));
    chmodSync(dir, 0o755); // so that postgres has its files there, whoever it runs as
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const nothingLeft = () =>
    waitFor("its processes to be gone", () => processesOf(dir).length === 0, { timeoutMs: 15_000 });

  it("leaves no process and no credentials after SIGKILL of the main process, even with a part that is paused", async () => {
    const sandbox = await startSandbox({ dir });
    sandbox.part("external-secrets").pause();
    const state = readState(sandboxPaths(dir));
    assert.ok(state);
    const started = registered(sandboxPaths(dir).registry);
    assert.ok(started.length >= 7 && started.every(isRunning));
    sendSignal(state.main.pid, "SIGKILL");
    await nothingLeft();
    assert.deepEqual(started.filter(isRunning), []);
    assert.equal(processTable().filter(({ group }) => started.some(({ pid }) => pid === group)).length, 0);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });

  it("comes with `npm run sandbox:down`, which waits for it and leaves another sandbox alone", async () => {
    const shared = await sharedSandbox();
    const second = await startSandbox({ dir });
    const logins = await Promise.all([superuserLogin(shared), superuserLogin(second)]);
    assert.notEqual(logins[0].port, logins[1].port);
    assert.ok(processesOf(dir).length >= 9);
    const down = await runMain(dir, "downMain.ts");
    assert.deepEqual([down.code, processesOf(dir)], [0, []]);
    assert.match(down.output, /is stopped/);
    await query(logins[0], "SELECT 1");
    await assert.rejects(query(logins[1], "SELECT 1"), /ECONNREFUSED/);
    assert.match((await runMain(dir, "downMain.ts")).output, /No sandbox runs/);
    assert.throws(() => connectSandbox(dir), /npm run sandbox/);
  });

  it("comes with the reason and leaves nothing when a part does not start", async () => {
    const starting = startSandbox({ dir, env: { KUBELET_REFRESH_DELAY_MS: "soon" } });
    await assert.rejects(starting, /exit code 1\).*kubelet ended.*KUBELET_REFRESH_DELAY_MS must be a number/s);
    assert.deepEqual(processesOf(dir), []);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });

  it("comes while it is still starting", async () => {
    const starting = startSandbox({ dir });
    await waitFor("the first part", () => registered(sandboxPaths(dir).registry).length > 0, { timeoutMs: 30_000 });
    const state = readState(sandboxPaths(dir));
    assert.ok(state);
    sendSignal(state.main.pid, "SIGINT");
    await assert.rejects(starting, /did not start \(exit code 130\)/);
    assert.deepEqual(processesOf(dir), []);
    assert.deepEqual(readdirSync(dir).sort(), [".secret-rotation", "logs"]);
  });
});
