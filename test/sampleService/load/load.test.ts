import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { waitFor } from "../../sandbox/process/waitFor";
import { StaticEndpoints } from "../staticEndpoints";
import { Load, type LoadOptions } from "./load";
import type { LoadReport } from "./report";

const healthy: RequestListener = (request, response) => {
  response.end(JSON.stringify(request.url === "/token" ? { token: "t" } : {}));
};

describe("load", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Runs a load until it has sent `requests`. */
  async function run(
    endpoints: StaticEndpoints,
    requests: number,
    options: Partial<LoadOptions> = {},
  ): Promise<LoadReport> {
    const load = new Load(endpoints, {
      services: ["shop"],
      requestsPerSecond: 400,
      maxInFlight: 20,
      timeoutMs: 2_000,
      ...options,
    });
    await load.start();
    try {
      await waitFor(`${requests} requests`, () => load.snapshot().total.sent >= requests, {
        timeoutMs: 10_000,
        intervalMs: 10,
      });
    } finally {
      await load.stop();
    }
    return load.snapshot();
  }

  it("asks every path of every endpoint of every service", async () => {
    const asked = new Set<string>();
    const endpoints = new StaticEndpoints();
    for (const service of ["shop", "office"]) {
      const replica = async (name: string) =>
        serve((request, response) => {
          asked.add(`${service} ${name} ${request.url}`);
          healthy(request, response);
        });
      endpoints.set(service, [await replica("one"), await replica("two")]);
    }
    const report = await run(endpoints, 100, { services: ["shop", "office"] });
    const paths = ["/query/orders", "/query/reports", "/token", "/verify?token=t"];
    const all = ["shop", "office"].flatMap((s) =>
      ["one", "two"].flatMap((r) => paths.map((path) => `${s} ${r} ${path}`)),
    );
    assert.deepEqual([...asked].sort(), all.sort());
    assert.equal(report.total.failed, 0);
    assert.equal(report.total.sent, (report.byService.shop?.sent ?? 0) + (report.byService.office?.sent ?? 0));
    assert.ok((report.byPath["shop /verify"]?.sent ?? 0) > 0);
    assert.ok(report.total.latencyMs.p50 > 0 && report.total.latencyMs.max >= report.total.latencyMs.p99);
  });

  it("keeps its pace and its connections", async () => {
    let connections = 0;
    const endpoints = new StaticEndpoints();
    endpoints.set("shop", [await serve(healthy)]);
    servers[0]?.on("connection", () => connections++);
    const report = await run(endpoints, 300);
    assert.ok(report.requestsPerSecond <= 410, `${report.requestsPerSecond}/s`);
    assert.ok(connections <= 20, `${connections} connections`);
  });

  it("records an answer that is no success by its status and code, with its time", async () => {
    const endpoints = new StaticEndpoints();
    const refuse: RequestListener = (_, response) => response.writeHead(500).end('{"error":"28P01"}');
    endpoints.set("shop", [
      await serve((request, response) => (request.url === "/token" ? healthy : refuse)(request, response)),
    ]);
    const before = Date.now();
    const report = await run(endpoints, 40);
    assert.deepEqual(
      report.failureWindows.map(({ kind }) => kind),
      ["HTTP 500 28P01"],
    );
    assert.equal(report.failureWindows[0]?.count, report.total.failed);
    assert.equal(report.failures.length, report.total.failed);
    assert.equal(report.byPath["shop /token"]?.failed, 0);
    const [first] = report.failures;
    assert.deepEqual(
      { ...first, at: undefined },
      { at: undefined, service: "shop", path: "/query/orders", kind: "HTTP 500 28P01" },
    );
    assert.ok(first && first.at.getTime() >= before && first.at.getTime() <= Date.now());
  });

  it("records a refused connection, and sends each request once only", async () => {
    const endpoints = new StaticEndpoints();
    const gone = await serve(healthy);
    await new Promise((closed) => servers.pop()?.close(closed));
    endpoints.set("shop", [gone]);
    const report = await run(endpoints, 20);
    assert.deepEqual(
      report.failureWindows.map(({ kind }) => kind),
      ["ECONNREFUSED"],
    );
    assert.equal(report.total.failed, report.total.sent);
  });

  it("records a request that is not answered in time", async () => {
    const endpoints = new StaticEndpoints();
    endpoints.set("shop", [await serve(() => undefined)]);
    const report = await run(endpoints, 5, { timeoutMs: 50 });
    assert.deepEqual(
      report.failureWindows.map(({ kind }) => kind),
      ["TIMEOUT"],
    );
  });

  it("records a connection that breaks while a request is under way", async () => {
    const endpoints = new StaticEndpoints();
    endpoints.set("shop", [await serve((request) => request.socket.destroy())]);
    const report = await run(endpoints, 5);
    assert.deepEqual(
      report.failureWindows.map(({ kind }) => kind),
      ["ECONNRESET"],
    );
  });

  it("fails a request when there is no endpoint", async () => {
    const report = await run(new StaticEndpoints(), 5);
    assert.deepEqual(
      report.failureWindows.map(({ kind }) => kind),
      ["NO_ENDPOINT"],
    );
  });

  it("counts what it could not send", async () => {
    const endpoints = new StaticEndpoints();
    endpoints.set("shop", [await serve((request, response) => void setTimeout(() => healthy(request, response), 100))]);
    const report = await run(endpoints, 4, { maxInFlight: 2 });
    assert.ok(report.skipped > 10, `${report.skipped} skipped`);
  });
});
