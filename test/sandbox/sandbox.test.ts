import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { describe, it } from "mocha";
import { waitFor } from "./process/waitFor";
import type { Sandbox } from "./sandbox";
import { kubeConfig } from "./seeds/kubernetes";
import { sharedSandbox } from "./shared";
import { runMain } from "./testing/runMain";
import { query, superuserLogin } from "./testing/superuser";

describe("sandbox", function () {
  this.timeout(120_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await sharedSandbox();
  });

  it("says in its env file how to reach every part", async () => {
    const { env } = sandbox;
    assert.equal(env.PULUMI_BACKEND_URL, `file://${sandbox.dir}/pulumi-state?metadata=skip`);
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
