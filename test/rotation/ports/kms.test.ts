import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { kms } from "../../../rotation/ports/kms";

describe("KMS", () => {
  it("an answer that cannot be parsed stays out of the error: it may hold a data key", async () => {
    const server = createServer((call, response) => {
      call.resume();
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end('hunter2-half-an-answer","Plaintext":"aHVudGVyMg=="}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const credentials = { AWS_ACCESS_KEY_ID: "it", AWS_SECRET_ACCESS_KEY: "it" };
    const before = Object.fromEntries(Object.keys(credentials).map((name) => [name, process.env[name]]));
    Object.assign(process.env, credentials);
    try {
      const arn = "arn:aws:kms:eu-west-1:123456789012:key/0b7d5e7e-0000-4000-8000-000000000000";
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = kms({ region: "eu-west-1", endpoints: { kms: endpoint } });
      for (const asked of [() => client.keyArn("alias/it"), () => client.encrypt(arn, Buffer.from("plain"), {})]) {
        await assert.rejects(asked, (error: Error) => {
          const told = inspect(error, { depth: 9, showHidden: true });
          assert.match(told, /something that is no JSON/);
          return !/hunter2|aHVudGVyMg/.test(told);
        });
      }
    } finally {
      server.close();
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});
