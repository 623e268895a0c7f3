import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { postToWebhook, slackText, webhookUrl } from "../../../rotation/notify/webhook";
import { ports } from "../context";
import { failed, notice } from "./samples";

describe("a webhook", () => {
  let server: Server;
  let url: string;
  let posts: { method: string | undefined; type: string | undefined; body: string }[] = [];
  /** What it answers to each post, in turn; the last one is for all that follow. */
  let answers: ((response: ServerResponse) => void)[] = [];
  const status =
    (code: number, headers = {}) =>
    (response: ServerResponse) =>
      response.writeHead(code, headers).end("no");

  before(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        posts.push({ method: request.method, type: request.headers["content-type"], body: chunks.join("") });
        (answers.length > 1 ? answers.shift() : answers[0])?.(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/hush`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    [posts, answers] = [[], [status(200)]];
  });

  const post = (signal = AbortSignal.timeout(10_000)) => postToWebhook(url, notice({ secrets: [failed] }), signal);
  const says = (text: RegExp) => (error: Error) => {
    assert.match(error.message, text);
    assert.doesNotMatch(JSON.stringify([error.message, error.stack, error]), /hush/);
    return true;
  };

  it("gets a text that it does not take for links or mentions", async () => {
    await post();
    assert.deepEqual([posts[0]?.method, posts[0]?.type], ["POST", "application/json"]);
    const { text } = JSON.parse(posts[0]?.body ?? "");
    assert.match(text, /^\*secret-rotation prod: rotation failed \(1 of 1 secrets\)\*\n/);
    assert.match(text, /failed: shop\/other: sync: waited: &lt;script&gt;/);
    assert.match(text, /cure: look at the ExternalSecret/);
    assert.doesNotMatch(text, /[<>]/);
  });

  it("gets no more than is shown", () => {
    const secrets = Array.from({ length: 500 }, (_, i) => ({ ...failed, secret: `shop/${i}` }));
    const text = slackText(notice({ secrets }));
    assert.ok(text.length < 4000 && text.endsWith("\n…"), `${text.length} characters`);
  });

  it("is tried again where it is in trouble, three times in all", async () => {
    answers = [status(503), status(429, { "retry-after": "0" }), status(200)];
    await post();
    assert.equal(posts.length, 3);
    answers = [status(500)];
    await assert.rejects(post(), says(/^it answers 500$/));
    assert.equal(posts.length, 6);
  });

  it("is not tried again where it refuses, nor followed elsewhere", async () => {
    for (const answer of [
      status(404),
      status(302, { location: "/elsewhere" }),
      status(429, { "retry-after": "3600" }),
    ]) {
      [posts, answers] = [[], [answer]];
      await assert.rejects(post(), says(/^it answers (404|302|429)$/));
      assert.equal(posts.length, 1);
    }
  });

  it("that does not answer is given up when the time is over", async () => {
    answers = [() => undefined];
    await assert.rejects(post(AbortSignal.timeout(200)), says(/^it is not reached \(/));
  });

  it("that is not there is told without its URL", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const nowhere = `http://127.0.0.1:${port}/services/T0/B0/hush`;
    const post = postToWebhook(nowhere, notice(), AbortSignal.timeout(10_000));
    await assert.rejects(post, says(/^it is not reached \(ECONNREFUSED\)$/));
  });
});

describe("the URL of a webhook", () => {
  const variable = "TEST_OF_A_WEBHOOK_URL";
  afterEach(() => {
    delete process.env[variable];
  });
  const manager = (value: string | undefined) =>
    ports({
      secretsManager: {
        describe: async () => ({ stages: value === undefined ? {} : { v1: ["AWSCURRENT"] } }),
        value: async (_: string, version: string) => (version === "v1" ? value : undefined),
      } as never,
    });

  it("comes from a variable, or from a secret's current version", async () => {
    process.env[variable] = "https://hooks.example/hush\n";
    assert.equal(await webhookUrl({ env: variable }, ports()), "https://hooks.example/hush");
    assert.equal(
      await webhookUrl({ secret: "ops/hook" }, manager("https://hooks.example/b")),
      "https://hooks.example/b",
    );
  });

  it("that is missing, or none, or would go in the clear, is told with its place and without itself", async () => {
    await assert.rejects(
      webhookUrl({ env: variable }, ports()),
      /the environment variable TEST_OF_A_WEBHOOK_URL is not set/,
    );
    await assert.rejects(webhookUrl({ secret: "ops/hook" }, manager(undefined)), /the secret ops\/hook has no value/);
    for (const value of ["hush", "http://hooks.example/hush", '{"url":"https://hooks.example/hush"}']) {
      await assert.rejects(webhookUrl({ secret: "ops/hook" }, manager(value)), (error: Error) => {
        assert.match(error.message, /the secret ops\/hook is no https:\/\/ URL and nothing else/);
        assert.doesNotMatch(error.message, /hush/);
        return true;
      });
    }
  });
});
