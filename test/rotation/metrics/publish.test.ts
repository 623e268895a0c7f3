import assert from "node:assert/strict";
import { publish } from "../../../rotation/metrics/publish";
import type { Sample } from "../../../rotation/metrics/samples";
import type { CloudWatch, Datum } from "../../../rotation/ports/cloudWatch";
import { ports } from "../context";

const sample = (i: number): Sample => ({ measure: "age", environment: "prod", secret: `prod/shop/key-${i}`, value: i });

describe("publishing to CloudWatch", () => {
  const published = async (samples: readonly Sample[], put: CloudWatch["put"], seconds?: number) =>
    publish(samples, ports({ cloudWatch: { put } }), seconds);

  it("takes a request for every thousand, and leaves out what only files need", async () => {
    const requests: (readonly Datum[])[] = [];
    const samples = Array.from({ length: 2500 }, (_, i) => sample(i));
    const put = async (namespace: string, data: readonly Datum[]) => {
      assert.equal(namespace, "SecretRotation");
      requests.push(data);
    };
    assert.equal(await published([...samples, { ...sample(0), measure: "maxAge" }], put), undefined);
    assert.deepEqual(
      requests.map(({ length }) => length),
      [1000, 1000, 500],
    );
    assert.deepEqual(requests[0]?.[1], {
      metric: "SecretAgeDays",
      dimensions: { Environment: "prod", SecretName: "prod/shop/key-1" },
      unit: "None",
      value: 1,
      at: new Date("2026-01-01T00:00:00Z"),
    });
    // CloudWatch's limit for a request is 1 MB: here with names as long as they may be.
    const longest = { ...sample(1), environment: "e".repeat(32), secret: "s".repeat(93) };
    requests.length = 0;
    await published(
      Array.from({ length: 1000 }, () => longest),
      put,
    );
    assert.ok(JSON.stringify(requests[0]).length < 500_000);
  });

  it("sends nothing where there is nothing", async () => {
    assert.equal(await published([], () => assert.fail("sent")), undefined);
  });

  it("says what to do where it is denied, or fails", async () => {
    const denied = Object.assign(new Error("User is not authorized"), { name: "AccessDenied" });
    const warning = await published([sample(1)], () => Promise.reject(denied));
    assert.match(
      warning ?? "",
      /^the metrics were not published: AccessDenied: User is not authorized\. allow cloudwatch:PutMetricData/,
    );
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const other = await published([sample(1)], () => Promise.reject(refused));
    assert.match(other ?? "", /ECONNREFUSED.*see whether CloudWatch is reached from here/);
  });

  it("does not wait for what does not answer", async () => {
    const never: CloudWatch["put"] = (_, __, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    assert.match(
      (await published([sample(1)], never, 0.05)) ?? "",
      /^the metrics were not published: CloudWatch did not answer within 0\.05 s\. see whether/,
    );
  });
});
