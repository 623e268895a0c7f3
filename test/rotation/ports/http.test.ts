import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { HttpError, http, longestBody } from "../../../rotation/ports/http";

describe("an endpoint that is posted to", () => {
  let server: Server;
  let url: string;
  const asked: string[] = [];
  const post = (path: string, more: { headers?: Record<string, string>; signal?: AbortSignal } = {}) =>
    http.post({
      url: `${url}${path}`,
      headers: {},
      body: '{"key":"value-1"}',
      signal: AbortSignal.timeout(20_000),
      ...more,
    });

  before(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
        if (request.url === "/echo") response.end('{"a":1}');
        if (request.url === "/moved") response.writeHead(307, { location: `${url}/echo` }).end();
        if (request.url === "/wrong") response.writeHead(500).end("value-1");
        if (request.url === "/long") response.end("x".repeat(longestBody + 1));
        if (request.url === "/cut") response.destroy();
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is sent the body and the headers, and answers", async () => {
    const answer = await post("/echo", { headers: { authorization: "Bearer token-1" } });
    assert.deepEqual(answer, { status: 200, body: '{"a":1}' });
    assert.deepEqual(asked, ['POST /echo Bearer token-1 {"key":"value-1"}']);
  });

  it("of what is no success only the status is told, and a redirect is not followed", async () => {
    assert.deepEqual(await post("/wrong"), { status: 500, body: undefined });
    assert.deepEqual(await post("/moved"), { status: 307, body: undefined });
    assert.equal(asked.at(-1)?.split(" ")[1], "/moved");
  });

  it("may not answer more than it should", async () => {
    assert.deepEqual(await post("/long"), { status: 200, body: undefined });
  });

  it("that does not answer is told by a code, without what was sent", async () => {
    await assert.rejects(post("/cut"), new HttpError("UND_ERR_SOCKET"));
    await assert.rejects(post("/silent", { signal: AbortSignal.timeout(200) }), new HttpError("TimeoutError"));
    await assert.rejects(
      post("/echo", { headers: { authorization: "token-1\nx: y" } }),
      (error: Error) => error instanceof HttpError && !error.message.includes("token-1"),
    );
  });
});
