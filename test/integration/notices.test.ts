import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { realPorts } from "../../rotation/ports";
import { cli } from "./cli";
import { createProject, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

const variable = "ROTATION_WEBHOOK_URL";
const secrets = ["one", "two"].map((name) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: "notices", name: "web", takes: "env" }],
}));

describe("the notices of a run", function () {
  this.timeout(120_000);
  let project: Project;
  let folder: string;
  let queue: { url: string; sqs: SQSClient };
  let server: Server;
  let posts: string[] = [];
  let answer = 200;
  const summary = () => readFileSync(join(folder, "summary.md"), "utf8");

  before(async () => {
    await useSandbox();
    folder = mkdtempSync(join(tmpdir(), "notices-"));
    const [sns, sqs] = [new SNSClient({ region }), new SQSClient({ region })];
    const { TopicArn: topicArn } = await sns.send(new CreateTopicCommand({ Name: "rotations" }));
    const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "rotations" }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }));
    queue = { url, sqs };
    server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        posts.push(chunks.join(""));
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env[variable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/hush`;
    const notify = { sns: { topicArn }, webhook: { urlFrom: { env: variable } } };
    project = await createProject("notices", { "secret-rotation:notify": notify });
    const cluster = workloads();
    await cluster.createNamespace("notices");
    await cluster.deploy("notices", "web");
    project.declare(secrets);
    await project.up();
    process.env.GITHUB_STEP_SUMMARY = join(folder, "summary.md");
  });
  after(() => {
    delete process.env[variable];
    delete process.env.GITHUB_STEP_SUMMARY;
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
    project.remove();
  });
  beforeEach(() => {
    [posts, answer] = [[], 200];
  });

  /** What has come by SNS since the last time. */
  async function received() {
    const request = { QueueUrl: queue.url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600 };
    const { Messages = [] } = await queue.sqs.send(new ReceiveMessageCommand(request));
    return Messages.map(({ Body = "" }) => JSON.parse(Body));
  }
  const inActions = async (...args: string[]) => {
    process.env.GITHUB_ACTIONS = "true";
    const running = cli(project.folder, ...args, "--stack", "notices");
    delete process.env.GITHUB_ACTIONS;
    return running.finished;
  };

  it("arrive by SNS, at the webhook and in the job's summary, and hold what --json prints", async () => {
    const { code, stdout, stderr } = await inActions("rotate", "one", "two", "--json", "--reason", "leaked <b>");
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout);
    assert.equal(result.warnings, undefined);
    const [message, ...more] = await received();
    assert.deepEqual(more, []);
    assert.equal(message.Subject, "secret-rotation notices: rotation ok (2 secrets)");
    assert.match(message.Message, /^rotated: one, version /m);
    const { environment, result: ended, json } = message.MessageAttributes;
    assert.deepEqual([environment.Value, ended.Value], ["notices", "ok"]);
    assert.deepEqual(JSON.parse(json.Value), result);
    assert.match(
      JSON.parse(posts[0] ?? "").text,
      /^\*secret-rotation notices: rotation ok[\s\S]*reason: leaked &lt;b&gt;/,
    );
    assert.match(
      summary(),
      /^### secret&#45;rotation notices&#58; rotation ok[\s\S]*leaked &#60;b&#62;[\s\S]*\| one \| simple \| /,
    );
  });

  it("hold no value", async () => {
    const manager = realPorts({ region }).secretsManager;
    const { code } = await inActions("rotate", "one");
    assert.equal(code, 0);
    const told = [JSON.stringify(await received()), ...posts, summary()];
    assert.equal(told.length, 3);
    for (const name of ["one", "two"]) {
      const found = await manager.describe(`notices/${name}`);
      for (const version of Object.keys(found?.stages ?? {})) {
        const value = await manager.value(`notices/${name}`, version);
        assert.ok(value && value.length >= 32);
        for (const text of told) assert.ok(!text.includes(value));
      }
    }
  });

  it("tell what failed, with its cure; one that does not arrive is a warning, and the result is as it was", async () => {
    answer = 404;
    const { code, stdout } = await inActions("rollback", "two", "--json");
    assert.equal(code, 1);
    const result = JSON.parse(stdout);
    assert.equal(result.secrets[0].error.code, "NOTHING_TO_ROLL_BACK");
    assert.deepEqual(result.warnings, [
      "not told of this run: webhook: it answers 404; see whether its URL is still the right one, and reached from here",
    ]);
    const [message] = await received();
    assert.equal(message.Subject, "secret-rotation notices: rollback failed (1 of 1 secrets)");
    assert.ok(message.Message.includes(`failed: ${result.secrets[0].error.message} (NOTHING_TO_ROLL_BACK)`));
    assert.ok(message.Message.includes(`  cure: ${result.secrets[0].error.hint}`));
    assert.equal(posts.length, 1);
  });

  it("do not come of a dry run", async () => {
    const { code, stderr } = await inActions("rotate", "one", "--dry-run");
    assert.equal(code, 0, stderr);
    assert.deepEqual([await received(), posts], [[], []]);
  });

  it("fail no rotation where nothing of them is there", async () => {
    delete process.env[variable];
    const notify = {
      sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:nowhere" },
      webhook: { urlFrom: { secret: "ops/nowhere" } },
    };
    project.declare(secrets, { "secret-rotation:notify": notify });
    const { code, stdout, stderr } = await cli(project.folder, "rotate", "one", "--stack", "notices").finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /one .* rotated/);
    assert.match(
      stdout,
      /warning: not told of this run: SNS topic arn:aws:sns:eu-west-1:123456789012:nowhere: NotFound/,
    );
    assert.match(
      stdout,
      /warning: not told of this run: webhook: the secret ops\/nowhere has no value: put the webhook's URL/,
    );
  });
});
