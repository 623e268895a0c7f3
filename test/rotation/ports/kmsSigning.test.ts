import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { kmsSigning } from "../../../rotation/ports/kmsSigning";

interface Asked {
  readonly to: string | undefined;
  readonly body: Record<string, string>;
}

describe("the port of asymmetric KMS keys", () => {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ to: request.headers.authorization, body: JSON.parse(await text(request)) as Record<string, string> });
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify({ Signature: Buffer.from("signed").toString("base64") }));
  });
  before(async () => {
    process.env.AWS_ACCESS_KEY_ID ??= "test";
    process.env.AWS_SECRET_ACCESS_KEY ??= "test";
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  it("gives KMS what it takes as it is, and of more the hash; a key of another region is asked there", async () => {
    const endpoints = { kms: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const port = kmsSigning({ region: "eu-west-1", endpoints });
    const [short, long] = [Buffer.alloc(4096, "a"), Buffer.alloc(4097, "a")];
    const elsewhere = "arn:aws:kms:us-east-1:123456789012:key/k";
    assert.equal(String(await port.sign("k", { scheme: "ECDSA", hash: 256 }, short)), "signed");
    await port.sign(elsewhere, { scheme: "RSASSA_PKCS1_V1_5", hash: 384 }, long);
    const base64 = (data: Buffer) => data.toString("base64");
    assert.deepEqual(
      asked.map(({ body }) => body),
      [
        { KeyId: "k", SigningAlgorithm: "ECDSA_SHA_256", Message: base64(short), MessageType: "RAW" },
        {
          KeyId: elsewhere,
          SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_384",
          Message: base64(createHash("sha384").update(long).digest()),
          MessageType: "DIGEST",
        },
      ],
    );
    assert.match(asked[0]?.to ?? "", /\/eu-west-1\/kms\//);
    assert.match(asked[1]?.to ?? "", /\/us-east-1\/kms\//);
  });
});
