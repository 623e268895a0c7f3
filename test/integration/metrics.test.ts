import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import { parseOpenMetrics } from "../../rotation/metrics/textFile";
import { realPorts } from "../../rotation/ports";
import { type OtlpReceiver, otlpReceiver } from "../otlpReceiver";
import { cli } from "./cli";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

const stack = "metered";
const secret = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: [stack] },
});
const alarms = { emails: ["on-call@example.com"] };

describe("the metrics of a run", function () {
  this.timeout(180_000);
  let project: Project;
  let cloudWatch: CloudWatchClient;
  let values: (string | undefined)[] = [];

  /** Of one metric of one secret: how many values have arrived, the smallest and the largest; nothing: none has. */
  async function arrived(metric: string, name: string): Promise<number[]> {
    const Dimensions = [
      { Name: "Environment", Value: stack },
      { Name: "SecretName", Value: `${stack}/${name}` },
    ];
    const Metric = { Namespace: "SecretRotation", MetricName: metric, Dimensions };
    const stat = (Stat: string) => ({ Id: Stat.toLowerCase(), MetricStat: { Metric, Period: 86_400, Stat } });
    const query = {
      StartTime: new Date(Date.now() - 43_200_000),
      EndTime: new Date(Date.now() + 43_200_000),
      MetricDataQueries: ["SampleCount", "Minimum", "Maximum"].map(stat),
    };
    const { MetricDataResults = [] } = await cloudWatch.send(new GetMetricDataCommand(query));
    return MetricDataResults.flatMap(({ Values = [] }) => Values);
  }
  const run = (...args: string[]) => cli(project.folder, ...args, "--stack", stack).finished;

  before(async () => {
    await useSandbox();
    cloudWatch = new CloudWatchClient({ region });
    project = await createProject(stack, { "secret-rotation:alarms": alarms });
    await workloads().createNamespace(stack);
    project.declare([secret("one"), secret("two"), { name: "ssh", kind: "ssh-key" }]);
    await project.up();
  });
  after(() => project.remove());

  it("arrive in CloudWatch after a rotation, with its dimensions", async () => {
    const { secrets, warnings } = await project.rotate(["one"]);
    assert.deepEqual([secrets[0]?.outcome, warnings], ["rotated", undefined]);
    const [count, min, max] = await arrived("RotationSuccess", "one");
    assert.deepEqual([count, min, max], [1, 1, 1]);
    assert.deepEqual(await arrived("RotationFailure", "one"), [1, 0, 0]);
    assert.deepEqual(await arrived("SecretAgeDays", "one"), [1, 0, 0]);
    const [, seconds = 0] = await arrived("RotationDurationSeconds", "one");
    assert.ok(seconds > 0 && seconds < 60, `${seconds} s`);
    const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ Namespace: "SecretRotation" }));
    const own = Metrics.filter(({ Dimensions = [] }) => Dimensions.some(({ Value }) => Value === stack));
    assert.deepEqual(own.map(({ MetricName }) => MetricName).sort(), [
      "RotationDurationSeconds",
      "RotationFailure",
      "RotationSuccess",
      "SecretAgeDays",
    ]);
  });

  it("say a failure, and the success after it", async () => {
    const real = realPorts({ region }).secretsManager;
    const moveCurrent = () => Promise.reject(Object.assign(new Error("made to fail"), { name: "InternalFailure" }));
    await project.rotate(["one"], { ports: { secretsManager: { ...real, moveCurrent } } });
    assert.deepEqual(await arrived("RotationFailure", "one"), [2, 0, 1]);
    assert.equal(only(await project.rotate(["one"])).outcome, "resumed");
    assert.deepEqual(await arrived("RotationFailure", "one"), [3, 0, 1]);
    assert.deepEqual(await arrived("RotationSuccess", "one"), [3, 0, 1]);
  });

  it("are none of a dry run", async () => {
    const before = await arrived("SecretAgeDays", "one");
    const file = join(project.folder, "dry.prom");
    const { code } = await run("rotate", "one", "--dry-run", "--metrics-file", file);
    assert.equal(code, 0);
    assert.deepEqual(await arrived("SecretAgeDays", "one"), before);
    assert.throws(() => readFileSync(file), /ENOENT/);
  });

  it("are the ages of all secrets by check, and by rotate --due though nothing is due", async () => {
    await project.rotate(["two"]);
    const countOf = async (name: string) => (await arrived("SecretAgeDays", name))[0] ?? 0;
    const before = await Promise.all(["one", "two", "ssh"].map(countOf));
    const file = join(project.folder, "secrets.prom");
    const checked = await run("check", "--metrics-file", file, "--json");
    assert.deepEqual(JSON.parse(checked.stdout).warnings, [], checked.stderr);
    const due = await run("rotate", "--due");
    assert.match(due.stderr, /nothing is due/);
    assert.deepEqual(
      await Promise.all(["one", "two", "ssh"].map(countOf)),
      before.map((count) => count + 2),
    );
    const samples = parseOpenMetrics(readFileSync(file, "utf8")) ?? [];
    assert.deepEqual(
      samples.map(({ measure, secret: name, value }) => `${measure} ${name} ${value}`),
      [
        "age metered/one 0",
        "age metered/ssh 0",
        "age metered/two 0",
        "maxAge metered/one 90",
        "maxAge metered/ssh 365",
        "maxAge metered/two 90",
      ],
    );
    const rotated = await run("rotate", "two", "--metrics-file", file);
    assert.equal(rotated.code, 0, rotated.stderr);
    const after = parseOpenMetrics(readFileSync(file, "utf8")) ?? [];
    assert.deepEqual(
      after.filter(({ measure }) => measure === "success").map(({ secret: name, value }) => [name, value]),
      [["metered/two", 1]],
    );
    assert.equal(after.filter(({ measure }) => measure === "age").length, 3);
  });

  it("leave the alarms as they are: neither a rotation nor a refresh changes one", async () => {
    const { MetricAlarms = [] } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `secret-rotation/${stack}/` }),
    );
    assert.deepEqual(
      MetricAlarms.map(({ AlarmName }) => AlarmName).sort(),
      ["one", "ssh", "two"].flatMap((name) =>
        [`failed`, `overdue`].map((what) => `secret-rotation/${stack}/${name}/${what}`),
      ),
    );
    assert.deepEqual(await project.up({ refresh: true }), []);
  });

  describe("when CloudWatch", () => {
    let server: Server | undefined;
    /** The stack with a CloudWatch of this kind; a rotation in it, and how long that took in seconds. */
    async function rotatedWith(listener: RequestListener) {
      server = createServer(listener);
      await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      project.declare([secret("one"), secret("two"), { name: "ssh", kind: "ssh-key" }], {
        "aws:endpoints": [{ cloudwatch: url }],
      });
      const start = performance.now();
      const result = await project.rotate(["one"]);
      return { result, seconds: (performance.now() - start) / 1000 };
    }
    const warningOf = ({ result }: Awaited<ReturnType<typeof rotatedWith>>) => {
      assert.equal(only(result).outcome, "rotated");
      assert.equal(result.warnings?.length, 1);
      return result.warnings?.[0] ?? "";
    };
    afterEach(() => {
      server?.closeAllConnections();
      server?.close();
    });

    it("denies, the run succeeds, and says what to do", async () => {
      const denied = await rotatedWith((_, response) => {
        const __type = "com.amazonaws.cloudwatch#AccessDeniedException";
        response.writeHead(403, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify({ __type, message: "is not authorized to perform: cloudwatch:PutMetricData" }));
      });
      assert.match(warningOf(denied), /^the metrics were not published: AccessDenied.*allow cloudwatch:PutMetricData/);
    });

    it("does not answer, the run waits for five seconds and no longer", async () => {
      const silent = await rotatedWith(() => undefined);
      assert.match(warningOf(silent), /CloudWatch did not answer within 5 s/);
      const usual = await rotatedWith((_, response) => void response.writeHead(500).end());
      assert.ok(silent.seconds < usual.seconds + 8, `${silent.seconds} s, and ${usual.seconds} s with one that fails`);
    });
  });

  describe("and its trace", () => {
    let receiver: OtlpReceiver;
    before(async () => {
      project.declare([secret("one"), secret("two"), { name: "ssh", kind: "ssh-key" }]);
      receiver = await otlpReceiver();
      process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    });
    after(async () => {
      delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
      await receiver.close();
    });

    it("is the run's, with each secret and each of its steps, and without a value", async () => {
      const { code, stdout, stderr } = await run("rotate", "one", "two", "--json");
      assert.equal(code, 0, stderr);
      const { secrets, runId } = JSON.parse(stdout);
      const { spans, bodies } = receiver;
      const root = spans.filter(({ parent }) => parent === undefined);
      assert.deepEqual(
        root.map(({ attributes }) => attributes["secret_rotation.run_id"]),
        [runId],
      );
      for (const { secret: name, seconds } of secrets) {
        const own = spans.filter(({ name: span, parent }) => span === name && parent === root[0]?.id);
        assert.equal(own.length, 1);
        const steps = spans.filter(({ parent }) => parent === own[0]?.id).map((span) => span.name);
        assert.deepEqual(steps.sort(), Object.keys(seconds).sort());
        const { secretsManager } = realPorts({ region });
        const { stages = {} } = (await secretsManager.describe(`${stack}/${name}`)) ?? {};
        values = await Promise.all(Object.keys(stages).map((id) => secretsManager.value(`${stack}/${name}`, id)));
        assert.ok(values.length > 0);
        for (const value of values) assert.ok(value && !Buffer.concat(bodies).includes(value));
      }
    });
  });
});
