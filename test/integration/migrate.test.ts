import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { AuditRecord } from "../../rotation/audit/record";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { configurationChange } from "../../rotation/run/migration";
import { openStack } from "../../rotation/stack/openStack";
import { cli } from "./cli";
import { holdStack } from "./heldStack";
import { createProject, only, type Project, region } from "./project";
import { begunByAws, rotatedByAws, rotationFunction, setInConsole } from "./rotationFunction";
import { type Workloads, workloads } from "./workloads";

const stack = "migrate";
const secret = `${stack}/key`;
const external = (text: string) => `    externalSecret: {target: key, keys: [{key: KEY}]}   # ${text}`;

describe("a secret that somebody else is to rotate", function () {
  this.timeout(600_000);
  let project: Project;
  let cluster: Workloads;
  let lambda: string;
  const file = () => join(project.folder, `Pulumi.${stack}.yaml`);
  const configuration = () => readFileSync(file(), "utf8");
  const live = async () => {
    const { secretsManager } = realPorts({ region });
    const found = await secretsManager.describe(secret);
    const current = found && versionWith("AWSCURRENT", found);
    assert.ok(found && current);
    // In which order moto has them says nothing.
    const stages = Object.fromEntries(Object.entries(found.stages).map(([id, labels]) => [id, labels.toSorted()]));
    return { ...found, stages, current, value: await secretsManager.value(secret, current) };
  };
  const ofAws = async () => {
    const found = await new SecretsManagerClient({ region }).send(new DescribeSecretCommand({ SecretId: secret }));
    return [found.RotationEnabled, found.RotationLambdaARN];
  };
  const migrate = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli(project.folder, "migrate", "key", ...args, "--stack", stack).finished;
    return { code, stdout, stderr };
  };
  const toNative = () =>
    migrate(
      ...["--to", "native", "--lambda", lambda, "--automatically-after", "30d"],
      ...["--yes", "--json", "--reason", "AWS has a function for it"],
    );
  /** What the audit trail has of migrations, the newest first. */
  const onRecord = async () => {
    const { stdout } = await cli(project.folder, "history", "key", "--json", "--stack", stack).finished;
    const { runs } = JSON.parse(stdout) as { runs: AuditRecord[] };
    return runs.filter(({ command }) => command === "migrate");
  };

  before(async () => {
    project = await createProject(stack, { "secret-rotation:audit": { file: "audit.jsonl" } });
    lambda = await rotationFunction(stack);
    cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    const { encryptionsalt, secretsprovider, encryptedkey } = JSON.parse(configuration());
    const key = Object.entries({ encryptionsalt, secretsprovider, encryptedkey }).filter(
      ([, value]) => value !== undefined,
    );
    const text = [
      ...key.map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
      "config:",
      `  aws:region: ${region}`,
      "  secret-rotation:audit: {file: audit.jsonl}",
      "  secret-rotation:secrets:",
      "  - name: key",
      "    kind: app   # made by us",
      external("as web reads it"),
      "    consumers:",
      `    - {namespace: ${stack}, name: web, takes: env}`,
      "",
    ].join("\n");
    writeFileSync(file(), text);
    await project.up();
    assert.equal(only(await project.rotate(["key"])).error, undefined);
  });
  after(() => project.remove());

  it("is previewed: what changes in the configuration and in AWS, and nothing does", async () => {
    const [text, before] = [configuration(), await live()];
    const { code, stdout, stderr } = await migrate(
      "--to",
      "native",
      "--lambda",
      lambda,
      "--automatically-after",
      "30d",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /key: simple → native/);
    assert.match(stdout, /Pulumi\.migrate\.yaml: key: strategy: native/);
    assert.match(stdout, /AWS: create SecretRotation key/);
    assert.match(stdout, /nothing was changed: --yes does it/);
    assert.equal(configuration(), text);
    assert.deepEqual([await live(), await onRecord()], [before, []]);
  });

  it("needs to know who rotates it then, and when", async () => {
    const { code, stderr } = await migrate("--to", "native");
    assert.equal(code, 2);
    assert.match(stderr, /no rotation is set in AWS, and none is declared; nothing was changed\n {2}name the function/);
  });

  it("writes over nothing that somebody has written into the file meanwhile", async () => {
    const open = await openStack(stack, project.folder);
    const [secret] = open.config.secrets;
    assert.ok(secret);
    const native = { lambda, automaticallyAfter: "30d" };
    const change = await configurationChange(open, secret, { to: "native", native });
    const [before, text] = [configuration(), `${configuration()}# of somebody else\n`];
    writeFileSync(file(), text);
    assert.throws(() => change.write(), /Pulumi\.migrate\.yaml was changed meanwhile, and was left as it is/);
    assert.equal(configuration(), text);
    writeFileSync(file(), before);
  });

  it("changes the file of its own that declares it, and not the stack's", async () => {
    const before = configuration();
    const list = before.slice(before.indexOf("  - name: key"));
    const text = `${before.slice(0, before.indexOf("  secret-rotation:secrets:"))}  secret-rotation:secretFiles: [shop.yaml]\n`;
    const shop = join(project.folder, "shop.yaml");
    writeFileSync(file(), text);
    writeFileSync(shop, list);
    const open = await openStack(stack, project.folder);
    const [secret] = open.config.secrets;
    assert.ok(secret);
    const native = { lambda, automaticallyAfter: "30d" };
    const change = await configurationChange(open, secret, { to: "native", native });
    assert.equal(change.file, "shop.yaml");
    change.write();
    assert.match(readFileSync(shop, "utf8"), /kind: app {3}# made by us\n {4}strategy: native\n/);
    assert.equal(configuration(), text);
    change.takeBack();
    assert.equal(readFileSync(shop, "utf8"), list);
    writeFileSync(file(), before);
  });

  it("goes to AWS with its value, its version and their labels as they are; a run of the driver's refuses to rotate it then", async () => {
    const [text, before, rollouts] = [configuration(), await live(), await cluster.rollouts(stack, "web")];
    const { code, stdout, stderr } = await toNative();
    assert.equal(code, 0, stderr);
    assert.deepEqual([JSON.parse(stdout).done, JSON.parse(stdout).versionId], [true, before.current]);
    const after = await live();
    assert.deepEqual(
      [after.current, after.value, after.stages[after.current]],
      [before.current, before.value, before.stages[before.current]],
    );
    assert.equal(after.tags.strategy, "native");
    assert.deepEqual(await ofAws(), [true, lambda]);
    const added = `    strategy: native\n    native: {lambda: "${lambda}", automaticallyAfter: 30d}\n`;
    const line = "    kind: app   # made by us\n";
    assert.equal(configuration().replaceAll('"', ""), text.replace(line, line + added).replaceAll('"', ""));
    assert.deepEqual(await project.up(), [], "nothing is left to do");
    assert.equal(await cluster.rollouts(stack, "web"), rollouts);
    assert.equal(only(await project.rotate(["key"])).error?.code, "STRATEGY_UNAVAILABLE");
    assert.deepEqual(JSON.parse((await toNative()).stdout).done, false);
    const [run, ...others] = await onRecord();
    assert.deepEqual([run?.result, run?.reason, others.length], ["ok", "AWS has a function for it", 0]);
    assert.match(run?.actor.awsIdentity ?? "", /^arn:aws:/);
    const { current: version } = before;
    assert.deepEqual(run?.secrets, [
      {
        name: "key",
        strategy: "native",
        fromStrategy: "simple",
        outcome: "migrated",
        seconds: {},
        oldVersionId: version,
        newVersionId: version,
      },
    ]);
  });

  it("comes back when what AWS has rotated is with its consumers, and no rotation is under way", async () => {
    const pending = await begunByAws(secret, "of-aws", "11111111-2222-4333-8444-555555555555");
    const early = await migrate("--to", "driver", "--yes");
    assert.equal(early.code, 2);
    assert.match(early.stderr, new RegExp(`a rotation is under way, or has failed: version ${pending} is AWSPENDING`));
    await rotatedByAws(secret, "of-aws", pending);
    const behind = await migrate("--to", "driver", "--yes");
    assert.equal(behind.code, 2);
    assert.match(behind.stderr, /its current version has not been brought to its consumers/);
    assert.equal(only(await project.rotate(["key"])).outcome, "followed");
    assert.equal((await cluster.secretData(stack, "key")).KEY, "of-aws");
    const [before, native] = [await live(), configuration()];
    const lock = holdStack(stack);
    const held = await migrate("--to", "driver", "--yes");
    lock.release();
    assert.deepEqual(
      [held.code, configuration(), (await onRecord()).map(({ result }) => result)],
      [4, native, ["locked", "ok"]],
    );
    const { code, stderr } = await migrate("--to", "driver", "--yes");
    assert.equal(code, 0, stderr);
    const after = await live();
    assert.deepEqual([after.current, after.value, after.stages], [before.current, before.value, before.stages]);
    assert.deepEqual([after.tags.strategy, after.tags["rotated-at"]], ["simple", before.tags["rotated-at"]]);
    assert.equal((await ofAws())[0], false);
    const without = native.split("\n").filter((text) => !/^ {4}(strategy|native):/.test(text));
    assert.equal(configuration(), without.join("\n"));
    assert.deepEqual(await project.up(), []);
  });

  it("is rotated by the driver again", async () => {
    const { current } = await live();
    const rotated = only(await project.rotate(["key"]));
    assert.deepEqual([rotated.error?.message, rotated.outcome, rotated.oldVersionId], [undefined, "rotated", current]);
    assert.deepEqual(await project.up(), []);
  });

  it("whose rotation somebody has set in the console stays as it is there, and is cancelled when it comes back", async () => {
    const { secretsManager } = realPorts({ region });
    await setInConsole(secret, lambda);
    const twice = only(await project.rotate(["key"]));
    assert.match(twice.error?.message ?? "", /AWS rotates it too, by the function/);
    const there = await migrate("--to", "native", "--yes");
    assert.equal(there.code, 0, there.stderr);
    assert.deepEqual(await ofAws(), [true, lambda]);
    const back = await migrate("--to", "driver", "--yes");
    assert.equal(back.code, 0, back.stderr);
    assert.match(back.stdout, /AWS: cancel the rotation that was set outside of this stack/);
    assert.equal((await secretsManager.describe(secret))?.rotation?.enabled, false);
  });
});
