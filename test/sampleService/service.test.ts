import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../sandbox/process/waitFor";
import { sharedSandbox } from "../sandbox/shared";
import { Load } from "./load/load";
import { publishSecret } from "./publishSecret";
import { logEnd, refusedLogins } from "./refusedLogins";
import { type RunningService, startService } from "./runningService";
import { StaticEndpoints } from "./staticEndpoints";
import { createTestRoles, type TestRoles } from "./testRoles";

const soon = { timeoutMs: 10_000, intervalMs: 20 };

describe("sample service", function () {
  this.timeout(60_000);
  const running: RunningService[] = [];
  let roles: TestRoles;
  let log: string;
  let podRoot: string;

  before(async () => {
    const sandbox = await sharedSandbox();
    log = sandbox.part("postgres").log;
    roles = await createTestRoles(sandbox, "sample_service");
    await roles.setPassword(roles.orders.a, "a-1");
    await roles.setPassword(roles.orders.b, "b-1");
  });
  after(() => roles.drop());
  beforeEach(async () => {
    await roles.setPassword(roles.reports, "r-1");
    podRoot = mkdtempSync(join(tmpdir(), "pod-"));
    publish("orders-db", roles.secret(roles.orders.a, "a-1"));
    publish("reports-db", roles.secret(roles.reports, "r-1"));
    publish("jwt-signing", { current: "k1", previous: "" });
    publish("session-key", { SESSION_KEY: "s1" });
  });
  afterEach(async () => {
    for (const service of running) service.signal("SIGKILL");
    await Promise.all(running.splice(0).map(({ exited }) => exited));
    rmSync(podRoot, { recursive: true });
  });

  const publish = (secret: string, data: Record<string, string>) =>
    publishSecret(join(podRoot, "etc/secrets", secret), data);

  async function start(env: Record<string, string>): Promise<RunningService> {
    const service = await startService({ LAMEDUCK_SECONDS: "0.5", POOL_MAX_LIFETIME_SECONDS: "0.2", ...env });
    running.push(service);
    return service;
  }
  const startWithFiles = (env: Record<string, string> = {}) =>
    start({ POD_ROOT: podRoot, SECRETS_DIR: "/etc/secrets", KEY_ACTIVATION_SECONDS: "0", ...env });
  const startWithEnvironment = (env: Record<string, string> = {}) => {
    const prefixed = (prefix: string, data: Record<string, string>) =>
      Object.entries(data).map(([key, value]) => [`${prefix}_${key.toUpperCase()}`, value]);
    const databases = [
      ...prefixed("ORDERS", roles.secret(roles.orders.a, "a-1")),
      ...prefixed("REPORTS", roles.secret(roles.reports, "r-1")),
    ];
    return start({ ...Object.fromEntries(databases), SESSION_KEY: "s1", JWT_CURRENT: "k1", JWT_PREVIOUS: "", ...env });
  };

  /** Asks until every session of the role is a new one; each answer has to be a success. */
  async function askUntilReconnected(service: RunningService, path: string, role: string): Promise<void> {
    const before = new Set(await roles.sessions(role));
    await waitFor(
      `new sessions of ${role}`,
      async () => {
        assertStatus(await service.get(path), 200);
        const now = await roles.sessions(role);
        return now.length > 0 && now.every((pid) => !before.has(pid));
      },
      soon,
    );
    assertStatus(await service.get(path), 200);
  }
  const refusedOf = async (role: string, offset: number) =>
    (await refusedLogins(log, offset)).find((refused) => refused.role === role);
  const assertStatus = (answer: { status: number; body: object }, status: number) =>
    assert.equal(answer.status, status, JSON.stringify(answer.body));

  it("answers from both databases and is ready, with files and with the environment", async () => {
    for (const service of [await startWithFiles(), await startWithEnvironment()]) {
      assertStatus(await service.get("/healthz"), 200);
      assert.deepEqual((await service.get("/query/orders")).body, { role: roles.orders.a, orders: 40 });
      assert.equal((await service.get("/query/reports")).body.role, roles.reports);
    }
  });

  it("logs in with a changed password as soon as the file has it", async () => {
    const service = await startWithFiles();
    assertStatus(await service.get("/query/reports"), 200);
    const offset = await logEnd(log);
    await roles.setPassword(roles.reports, "r-2");
    publish("reports-db", roles.secret(roles.reports, "r-2"));
    await askUntilReconnected(service, "/query/reports", roles.reports);
    assert.deepEqual(await refusedOf(roles.reports, offset), undefined);
  });

  it("goes over to the other user without a failed request", async () => {
    const service = await startWithFiles();
    assert.equal((await service.get("/query/orders")).body.role, roles.orders.a);
    publish("orders-db", roles.secret(roles.orders.b, "b-1"));
    await waitFor(
      "a session of the other user",
      async () => {
        const answer = await service.get("/query/orders");
        assertStatus(answer, 200);
        return answer.body.role === roles.orders.b;
      },
      soon,
    );
  });

  it("fails logins, but goes on, while the file of the password is not there", async () => {
    const service = await startWithFiles();
    const { password: _, ...incomplete } = roles.secret(roles.reports, "r-1");
    publish("reports-db", incomplete);
    await waitFor("a failed login", async () => (await service.get("/query/reports")).body.error === "ENOENT", soon);
    publish("reports-db", roles.secret(roles.reports, "r-1"));
    assertStatus(await service.get("/query/reports"), 200);
  });

  it("keeps the password of its environment until it is restarted", async () => {
    const service = await startWithEnvironment();
    assertStatus(await service.get("/query/reports"), 200);
    const offset = await logEnd(log);
    await roles.setPassword(roles.reports, "r-2");
    await waitFor("a refused login", async () => (await service.get("/query/reports")).status === 500, soon);
    assert.deepEqual((await service.get("/query/reports")).body, { error: "28P01" });
    assert.deepEqual(await service.get("/healthz"), { status: 503, body: { error: "28P01" } });
    assertStatus(await service.get("/query/orders"), 200);
    const refused = await refusedOf(roles.reports, offset);
    assert.ok(refused && refused.count >= 3 && refused.first < refused.last);
    assert.equal(await refusedOf(roles.orders.a, offset), undefined);
    assert.doesNotMatch(service.output(), /r-1/);

    const restarted = await startWithEnvironment({ REPORTS_PASSWORD: "r-2" });
    assertStatus(await restarted.get("/query/reports"), 200);
  });

  it("verifies a token of the previous key after the rotation, and not after the next", async () => {
    const service = await startWithFiles();
    const { token } = (await service.get("/token")).body;
    publish("jwt-signing", { current: "k2", previous: "k1" });
    assertStatus(await service.get(`/verify?token=${token}`), 200);
    publish("jwt-signing", { current: "k3", previous: "k2" });
    assertStatus(await service.get(`/verify?token=${token}`), 401);
  });

  it("is not ready without a database or a key", async () => {
    const noDatabase = await startWithEnvironment({ ORDERS_PORT: "1" });
    assert.deepEqual(await noDatabase.get("/healthz"), { status: 503, body: { error: "ECONNREFUSED" } });
    const noKey = await startWithEnvironment({ SESSION_KEY: "" });
    assert.deepEqual(await noKey.get("/healthz"), { status: 503, body: { error: "EMPTY_KEY" } });
  });

  it("answers a request that it cannot read, and goes on", async () => {
    const service = await startWithFiles();
    assert.deepEqual(await service.get("//"), { status: 500, body: { error: "ERR_INVALID_URL" } });
    assertStatus(await service.get("/elsewhere"), 404);
    assertStatus(await service.get("/verify"), 401);
  });

  it("does not start without its secrets, and says which", async () => {
    await assert.rejects(startWithFiles({ SECRETS_DIR: "/elsewhere" }), /ENOENT.*elsewhere\/orders-db/);
    await assert.rejects(start({ ORDERS_HOST: "127.0.0.1" }), /ORDERS_PORT is not set/);
    await assert.rejects(startWithFiles({ LAMEDUCK_SECONDS: "soon" }), /LAMEDUCK_SECONDS must be a number, not "soon"/);
  });

  it("fails no request when one of two replicas is told to end", async () => {
    const [leaving, staying] = [await startWithFiles({ LAMEDUCK_SECONDS: "3" }), await startWithFiles()];
    const endpoints = new StaticEndpoints();
    endpoints.set("shop-files", [leaving.url, staying.url]);
    const load = new Load(endpoints, {
      services: ["shop-files"],
      requestsPerSecond: 200,
      maxInFlight: 50,
      timeoutMs: 5_000,
    });
    await load.start();
    const sent = (count: number) => waitFor(`${count} requests`, () => load.snapshot().total.sent >= count, soon);
    await sent(100);
    leaving.signal("SIGTERM");
    // As in a cluster: it takes a moment until those who send requests know. Meanwhile it is unready, and sends them away.
    await waitFor("the replica to be unready", async () => (await leaving.get("/healthz")).status === 503, soon);
    assert.equal((await fetch(`${leaving.url}/token`)).headers.get("connection"), "close");
    await sent(load.snapshot().total.sent + 20);
    endpoints.set("shop-files", [staying.url]);
    assert.equal(await leaving.exited, 0);
    await sent(load.snapshot().total.sent + 50);
    const report = await load.stop();
    assert.deepEqual(report.failureWindows, []);
    assert.equal(report.total.failed, 0);
  });
});
