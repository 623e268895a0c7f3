import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AwsProxy, awsErrors } from "./awsProxy";

describe("the proxy in front of AWS", () => {
  let seen = 0;
  let aws: Server;
  let proxy: AwsProxy;
  let client: SecretsManagerClient;
  const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;
  const describeIt = (SecretId = "it/one") => client.send(new DescribeSecretCommand({ SecretId }));

  before(async () => {
    aws = createServer((call, response) => {
      seen += 1;
      call.resume();
      response.end(JSON.stringify({ Name: "answered" }));
    }).listen(0, "127.0.0.1");
    await once(aws, "listening");
    proxy = await AwsProxy.start(`http://127.0.0.1:${(aws.address() as AddressInfo).port}`);
    const credentials = { accessKeyId: "it", secretAccessKey: "it" };
    client = new SecretsManagerClient({ endpoint: proxy.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
  });
  beforeEach(() => {
    seen = 0;
    proxy.heal();
  });
  after(async () => {
    await proxy.stop();
    aws.close();
  });

  it("lets everything else pass", async () => {
    proxy.fault({ operation: "DescribeSecret", secret: "it/other" }, "cut");
    proxy.fault({ operation: "PutSecretValue" }, "cut");
    assert.equal((await describeIt()).Name, "answered");
    assert.deepEqual(proxy.requests.at(-1), { operation: "DescribeSecret", secret: "it/one" });
  });

  it("answers errors as AWS does, for a secret's name and for its ARN", async () => {
    const fault = proxy.fault({ secret: "it/one" }, awsErrors.throttled);
    await assert.rejects(describeIt(), { name: "ThrottlingException" });
    await assert.rejects(describeIt(arn("it/one")), { name: "ThrottlingException" });
    assert.deepEqual([fault.met, seen], [2, 0]);
    assert.equal((await describeIt("it/one-two")).Name, "answered");
  });

  it("meets only as many requests as it is told", async () => {
    proxy.fault({ times: 1 }, awsErrors.internal);
    await assert.rejects(describeIt(), { name: "InternalServiceError" });
    await describeIt();
  });

  it("cuts the connection before the server sees anything, or after it has done it", async () => {
    proxy.fault({ operation: "DescribeSecret" }, "cut");
    proxy.fault({ operation: "GetSecretValue" }, "loseAnswer");
    await assert.rejects(describeIt(), { code: "ECONNRESET" });
    assert.equal(seen, 0);
    await assert.rejects(client.send(new GetSecretValueCommand({ SecretId: "it/one" })), { code: "ECONNRESET" });
    assert.equal(seen, 1);
  });

  it("holds a request, or its answer, until it ends", async () => {
    for (const [kind, before] of [
      ["hold", 0],
      ["holdAnswer", 1],
    ] as const) {
      seen = 0;
      const fault = proxy.fault({}, kind);
      let answered = false;
      const asked = describeIt().then(() => {
        answered = true;
      });
      await fault.reached;
      assert.deepEqual([seen, answered], [before, false], kind);
      fault.end();
      await asked;
      assert.equal(seen, 1);
    }
  });
});
