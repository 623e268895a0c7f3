import assert from "node:assert/strict";
import type { SecretDeclaration } from "../../infra/config/secretSchema";
import type { Failure, LoadReport } from "../sampleService/load/report";
import { repository } from "../sandbox/paths";
import { declaredSecrets } from "./project";
import { judge, pathsOf, requestsOf } from "./verdict";

const secrets: readonly SecretDeclaration[] = declaredSecrets(repository, "dev");
const startMs = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(startMs + seconds * 1000);
const span = (secret: string, step: "set" | "verify", from: number, to: number) => {
  return { secret, step, startMs: startMs + from * 1000, endMs: startMs + to * 1000 };
};
const spans = ["shop/orders-db", "shop/reports-db"].flatMap((secret) => [
  span(secret, "set", 2, 2.1),
  span(secret, "verify", 6, 6.2),
]);
const latencyMs = { p50: 1, p95: 1, p99: 1, max: 1 };

function report(failures: readonly Failure[], failed = failures.length): LoadReport {
  const total = { sent: 100, failed, latencyMs };
  return {
    startedAt: at(0),
    endedAt: at(10),
    requestsPerSecond: 10,
    skipped: 0,
    total,
    byService: {},
    byPath: {
      "shop-env /query/orders": { sent: 30, failed: 1, latencyMs },
      "shop-files /query/orders": { sent: 20, failed: 2, latencyMs },
      "shop-env /query/reports": { sent: 50, failed: 0, latencyMs },
    },
    failureWindows: [],
    failures,
  };
}
const failure = (path: string, seconds: number): Failure => {
  return { at: at(seconds), service: "shop-env", path, kind: "HTTP 500 28P01" };
};

describe("the demo's verdict", () => {
  it("knows the requests of the secrets that the development stack declares", () => {
    const names = secrets.map(({ name }) => name);
    for (const name of Object.keys(pathsOf)) assert.ok(names.includes(name), name);
  });

  it("excuses queries of the single-user database while its password changes", () => {
    const { windows, unexpectedCount } = judge(
      secrets,
      spans,
      report([3, 4, 5].map((s) => failure("/query/reports", s))),
    );
    assert.equal(unexpectedCount, 0);
    assert.deepEqual(windows, [
      {
        secret: "shop/reports-db",
        count: 3,
        firstMs: startMs + 3000,
        lastMs: startMs + 5000,
        kinds: new Map([["HTTP 500 28P01", 3]]),
      },
    ]);
  });

  it("excuses none before or after that time", () => {
    const failures = [1.9, 6.3].map((s) => failure("/query/reports", s));
    const { windows, unexpected } = judge(secrets, spans, report(failures));
    assert.deepEqual(windows, []);
    assert.deepEqual(unexpected, failures);
  });

  it("excuses no query of the alternating database, and nothing else", () => {
    const failures = ["/query/orders", "/token", "/verify"].map((path) => failure(path, 4));
    assert.equal(judge(secrets, spans, report(failures)).unexpectedCount, 3);
  });

  it("counts failures that the load did not keep as unexpected", () => {
    assert.equal(judge(secrets, spans, report([failure("/query/reports", 3)], 5)).unexpectedCount, 4);
  });

  it("adds up a secret's requests over both services", () => {
    assert.deepEqual(requestsOf("shop/orders-db", report([])), { sent: 50, failed: 3 });
    assert.equal(requestsOf("shop/session-key", report([])), undefined);
  });
});
