import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { silent } from "../../rotation/observer";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import type { RunResult } from "../../rotation/result";
import { AwsProxy } from "../faults/awsProxy";
import { type Issuer, startIssuer } from "../issuer/startIssuer";
import { repository } from "../sandbox/paths";
import { ProcessWatch } from "../search/processWatch";
import { cli } from "./cli";
import { killEngineOf } from "./killEngine";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const stack = "own-rotators";
const ways = ["module", "program", "endpoint"] as const;
const names = [...ways] as readonly string[];
const admin = `${stack}-admin`;
const token = "acme-token-of-the-account";

describe("rotators of one's own", function () {
  this.timeout(240_000);
  let issuer: Issuer;
  let proxy: AwsProxy;
  let project: Project;
  let cluster: Workloads;
  const manager = () => realPorts({ region }).secretsManager;

  const declared = (way: (typeof ways)[number], name: string = way) => ({
    name,
    kind: `acme-${way}`,
    externalSecret: { target: name, keys: [{ key: "KEY", property: "key" }] },
    consumers: [{ namespace: stack, name: "web", takes: "env" }],
    // Whoever takes the steps of the others takes any parameters.
    [`acme-${way}`]: { url: issuer.url, account: name, admin, gracePeriod: "0s" },
  });
  /** As Pulumi.<stack>.yaml has them. */
  const rotators = () => {
    const path = (file: string) => relative(project.folder, join(repository, "test/issuer", file));
    const verbs = ["issue", "test", "revoke", "find", "lastUsed"];
    const said = { about: "a key of Acme's API", overlap: "two-live", properties: ["id", "key"], verbs };
    writeFileSync(join(project.folder, "acme.ts"), moduleOf("acme-module"));
    return {
      "acme-module": "./acme.ts",
      "acme-program": { ...said, exec: [path("rotate-acme")], reads: [admin] },
      "acme-endpoint": {
        ...said,
        http: { url: `${issuer.url}/verbs`, headersFrom: { Authorization: { secret: admin, scheme: "Bearer" } } },
      },
    };
  };
  const stored = async (name: string, stage = "AWSCURRENT"): Promise<{ id: string; key: string } | undefined> => {
    const found = await manager().describe(`${stack}/${name}`);
    const id = found && versionWith(stage, found);
    const value = id && (await manager().value(`${stack}/${name}`, id));
    return value ? JSON.parse(value) : undefined;
  };
  const current = async (name: string) => {
    const found = await stored(name);
    assert.ok(found, `${name} has no value`);
    return found;
  };
  const outcomes = ({ secrets }: RunResult) => secrets.map(({ outcome, error }) => error?.message ?? outcome);
  const idsOf = async (account: string) => (await issuer.keys(account)).map(({ id }) => id);

  before(async () => {
    [issuer, project] = await Promise.all([startIssuer(), createProject(stack)]);
    proxy = await AwsProxy.start();
    for (const account of [...names, "orphan"]) await issuer.open(account, token);
    await new SecretsManagerClient({ region }).send(new CreateSecretCommand({ Name: admin, SecretString: token }));
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    declare();
    await project.up();
  });
  after(async () => {
    project.remove();
    await proxy.stop();
    await issuer.stop();
  });

  function declare(): void {
    const more = { "secret-rotation:rotators": rotators(), "aws:endpoints": [{ secretsmanager: proxy.endpoint }] };
    project.declare([...ways.map((way) => declared(way)), declared("program", "orphan")], more);
  }

  it("a module, a program and an endpoint rotate through the same gates, to the workload", async () => {
    assert.deepEqual(outcomes(await project.rotate(names)), ["rotated", "rotated", "rotated"]);
    for (const name of names) {
      const { id, key } = await current(name);
      assert.deepEqual(await cluster.secretData(stack, name), { KEY: key });
      assert.ok(await issuer.use(name, key));
      assert.deepEqual(await idsOf(name), [id]);
    }
    assert.equal(await cluster.rollouts(stack, "web"), 2, "one restart for all three");
  });

  it("the Pulumi program knows the same kinds, and refuses what is wrong with them in one piece", async () => {
    const pulumiYaml = join(project.folder, "Pulumi.yaml");
    const before = readFileSync(pulumiYaml, "utf8");
    const tsconfig = join(repository, "tsconfig.json");
    const runtime = { name: "nodejs", options: { typescript: true, tsconfig } };
    const main = relative(project.folder, join(repository, "infra/index.ts"));
    writeFileSync(pulumiYaml, JSON.stringify({ name: "secret-rotation", main, runtime }));
    const preview = () =>
      promisify(execFile)("pulumi", ["preview", "--stack", stack, "--non-interactive"], { cwd: project.folder }).then(
        ({ stdout }) => stdout,
        ({ stdout, stderr }) => `${stdout}${stderr}`,
      );
    try {
      assert.match(await preview(), /\d+ unchanged/);
      const broken = { ...rotators(), "acme-module": "./gone.ts" };
      project.declare([{ ...declared("module"), colour: "red" }], { "secret-rotation:rotators": broken });
      const said = await preview();
      assert.match(said, /rotators\.acme-module: there is no file \S+\/gone\.ts/);
      assert.match(said, /secrets\[0\]\.colour: is not a known key/);
      assert.doesNotMatch(said, /^\s+at /m);
    } finally {
      writeFileSync(pulumiYaml, before);
      declare();
    }
  });

  it("an emergency has the issuer refuse the key before; no value is in any argument or environment", async () => {
    const before = await Promise.all(names.map(current));
    const args = ["rotate", ...names, "--emergency", "--yes", "--json", "--stack", stack];
    const running = cli(project.folder, ...args);
    const processes = new ProcessWatch(running.child.pid ?? 0);
    const { code, stdout, stderr } = await running.finished;
    processes.end();
    assert.equal(code, 0, stderr);
    for (const [i, name] of names.entries()) {
      const { id, key } = await current(name);
      assert.ok(await issuer.accepts(name, key));
      assert.equal(await issuer.accepts(name, before[i]?.key ?? ""), false);
      assert.deepEqual(await idsOf(name), [id]);
      assert.deepEqual(await cluster.secretData(stack, name), { KEY: key });
      for (const value of [key, before[i]?.key ?? "", token]) {
        assert.ok(![...processes.seen, stdout, stderr].some((text) => text.includes(value)));
      }
    }
    assert.ok(
      [...processes.seen].some((text) => text.includes("rotate-acme")),
      "the program was seen",
    );
  });

  for (const [fault, says] of [
    [500, /^(module: create: issue of kind acme-module: Acme answers 500)$/],
    [429, /Acme answers 429$/],
    ["html", /what Acme answers is no JSON$/],
    ["sameKey", /gave the current credential once more$/],
    ["noId", /gave no id$/],
  ] as const) {
    it(`an issuer that answers ${fault} leaves the old key in use`, async () => {
      const { key } = await current("module");
      await issuer.fault({ operation: "create", fault, times: 1 });
      const result = only(await project.rotate(["module"]));
      assert.match(result.error?.message ?? "", says);
      assert.ok(!result.error?.message.includes(key));
      assert.equal((await current("module")).key, key);
      assert.ok(await issuer.accepts("module", key));
      assert.deepEqual(await cluster.secretData(stack, "module"), { KEY: key });
    });
  }

  it("the next run finishes, with a key that is accepted late, and leaves nothing of the failed ones", async () => {
    const before = await current("module");
    await issuer.fault({ operation: "create", fault: "late", seconds: 3, times: 1 });
    const stepStarted = (_: string, step: string) => {
      if (step === "test") void issuer.fault({ operation: "verify", fault: 500, times: 1 });
    };
    const result = await project.rotate(["module"], { observer: { ...silent, stepStarted } });
    assert.deepEqual(outcomes(result), ["rotated"]);
    const { key, id } = await current("module");
    assert.ok(await issuer.accepts("module", key));
    assert.ok(await issuer.accepts("module", before.key), "for the time of grace");
    assert.deepEqual((await idsOf("module")).sort(), [before.id, id].sort());
  });

  it("the older key is revoked by the next run after its grace, unless it is still used", async () => {
    const older = await stored("module", "AWSPREVIOUS");
    assert.deepEqual(outcomes(await project.rotate(["module"])), ["retired"]);
    const used = await current("module");
    assert.equal(await issuer.accepts("module", older?.key ?? ""), false);
    assert.deepEqual(await idsOf("module"), [used.id]);
    assert.deepEqual(outcomes(await project.rotate(["module"])), ["rotated"]);
    assert.ok(await issuer.use("module", used.key));
    assert.deepEqual(outcomes(await project.rotate(["module"])), ["unchanged"]);
    assert.ok(await issuer.accepts("module", used.key));
  });

  it("an emergency makes room at an issuer that has two keys already", async () => {
    const { length } = await issuer.keys("module");
    assert.deepEqual([length, ...outcomes(await project.rotate(["module"], { emergency: true }))], [2, "rotated"]);
    assert.deepEqual(await idsOf("module"), [(await current("module")).id]);
  });

  it("what a kill between the issue and the write has left at the issuer is found and revoked", async () => {
    const held = proxy.fault({ operation: "PutSecretValue", secret: `${stack}/orphan`, times: 1 }, "hold");
    const killed = cli(project.folder, "rotate", "orphan", "--stack", stack);
    await held.reached;
    const [orphan] = await idsOf("orphan");
    killEngineOf(stack);
    killed.child.kill("SIGKILL");
    await killed.finished;
    assert.ok(orphan && (await stored("orphan")) === undefined);
    assert.deepEqual(outcomes(await project.rotate(["orphan"])), ["rotated"]);
    held.end();
    const { id, key } = await current("orphan");
    assert.notEqual(id, orphan);
    assert.deepEqual(await idsOf("orphan"), [id]);
    assert.deepEqual(await cluster.secretData(stack, "orphan"), { KEY: key });
  });
});

/** The example, under another name: a module beside the project's file. */
function moduleOf(kind: string): string {
  const text = readFileSync(join(repository, "test/issuer/rotators/acme.ts"), "utf8");
  return text
    .replace("secret-rotation/rotator", join(repository, "rotation/rotators/rotator"))
    .replace('kind: "acme-key"', `kind: "${kind}"`);
}
