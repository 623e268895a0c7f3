import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import * as pulumi from "@pulumi/pulumi";
import { ConfigurationError, type StackConfig } from "../../infra/config/stackConfig";
import { configValues } from "../../infra/config/values";
import { program } from "../../infra/program";
import { noRotation } from "../../infra/rotation";
import { UsageError } from "../../rotation/errors";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { openStack } from "../../rotation/stack/openStack";
import { cli } from "./cli";
import { createProject, only, type Project, region } from "./project";
import { workloads } from "./workloads";

const stack = "configuration";
const bucket = "secret-rotation-configuration-test";
const qualified = `organization/secret-rotation/${stack}`;
const key = {
  name: "key",
  kind: "app",
  externalSecret: { target: "key", keys: [{ key: "KEY" }], namespaces: [stack] },
};

/** What Pulumi.yaml says beside its name. */
const shared = {
  "aws:region": { value: region },
  "aws:allowedAccountIds": { value: ["123456789012"] },
  "secret-rotation:environment": "shared",
  "secret-rotation:backup": { value: { bucket, retentionDays: 9 } },
};

describe("the driver has the configuration that the program has", function () {
  this.timeout(120_000);
  let project: Project;
  let s3: S3Client;
  /** The stack's own file, without `aws:region`. */
  let own: Record<string, unknown>;
  const file = (folder = "") => join(project.folder, folder, `Pulumi.${stack}.yaml`);
  const declare = (config: object, more: object = {}, folder?: string) =>
    writeFileSync(file(folder), JSON.stringify({ ...own, ...more, config }));
  const ofProject = (config: object | string | undefined, more: object = {}, name = "Pulumi.yaml") =>
    writeFileSync(
      join(project.folder, name),
      JSON.stringify({ name: "secret-rotation", runtime: "nodejs", config, ...more }),
    );
  const opened = async (name = stack) => (await openStack(name, project.folder)).config;
  const secrets = { "secret-rotation:secrets": [key] };

  before(async () => {
    project = await createProject(stack);
    const { config: _, ...rest } = JSON.parse(readFileSync(file(), "utf8"));
    own = rest;
    s3 = new S3Client({ region });
    await workloads().createNamespace(stack);
  });
  beforeEach(() => {
    ofProject(shared);
    declare(secrets);
  });
  after(() => {
    s3.destroy();
    project.remove();
  });

  it("a backup that only Pulumi.yaml declares is written", async () => {
    await project.up();
    const { backup, secrets: results } = await project.rotate(["key"]);
    assert.deepEqual([results[0]?.outcome, results[0]?.error], ["rotated", undefined]);
    const again = await project.rotate(["key"]);
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    assert.equal(backup, undefined, "there was no value to back up");
    assert.ok(Versions.some(({ Key }) => Key === again.backup));
  });

  it("the stack's file goes before Pulumi.yaml, value by value", async () => {
    declare({ ...secrets, "secret-rotation:backup": { bucket: "other" }, "aws:allowedAccountIds": undefined });
    const { region: found, allowedAccountIds, environment, backup } = await opened();
    assert.deepEqual([found, allowedAccountIds, environment], [region, ["123456789012"], "shared"]);
    assert.deepEqual([backup?.bucket, backup?.retentionDays], ["other", 90]);
  });

  for (const [what, isAlone] of [
    ["with Pulumi.yaml's part in it", false],
    ["of the stack's file alone", true],
  ] as const) {
    it(`the program is given the same by the engine, ${what}`, () => sameAsEngine(isAlone));
  }

  async function sameAsEngine(isAlone: boolean): Promise<void> {
    if (isAlone) ofProject(undefined);
    const more = isAlone ? { "aws:region": region, "secret-rotation:environment": "shared" } : {};
    const backup = { bucket: "other", retentionDays: 7 };
    const externalSecret = { ...key.externalSecret, target: "other" };
    writeFileSync(join(project.folder, "more.yaml"), JSON.stringify([{ ...key, name: "other", externalSecret }]));
    const secretFiles = { "secret-rotation:secretFiles": ["more.yaml"] };
    declare({
      ...secrets,
      ...secretFiles,
      ...more,
      "secret-rotation:backup": backup,
      "kubernetes:enablePatchForce": true,
    });
    for (const name of isAlone ? [stack] : [stack, qualified]) {
      const { config, stack: running } = await openStack(name, project.folder);
      let given: StackConfig | undefined;
      await running.preview({
        program: async () => {
          const values = configValues(Object.entries(pulumi.runtime.allConfig()));
          given = readStackConfig(pulumi.getStack(), values, project.folder);
          return program(given, noRotation(new Date().toISOString()));
        },
      });
      assert.deepEqual(given, { ...config, named: stack });
      assert.equal(given.secrets.length, 2);
    }
  }

  it("an encrypted value is refused with its key, and not decrypted", async () => {
    declare({
      ...secrets,
      "secret-rotation:serviceAccount": { secure: "v1:AAAA:BBBB" },
      "secret-rotation:audit": { file: { secure: "v1:AAAA:CCCC" } },
      "aws:region": { secure: "v1:AAAA:DDDD" },
      "other:token": { secure: "v1:AAAA:EEEE" },
    });
    const { code, stdout, stderr } = await cli(project.folder, "status", "--stack", stack).finished;
    assert.deepEqual([code, stdout], [2, ""]);
    const encrypted = "holds an encrypted value, which the driver does not decrypt: write all of it in the clear";
    assert.deepEqual(stderr.trim().split("\n"), [
      `ConfigurationError: Pulumi.${stack}.yaml has 3 problems:`,
      "  aws:region: must be text in the clear",
      `  audit: ${encrypted}`,
      `  serviceAccount: ${encrypted}`,
    ]);
  });

  for (const [what, declared] of [
    ["stackConfigDir", { stackConfigDir: "stacks" }],
    ["config, as it was called before", { config: "stacks" }],
  ] as const) {
    it(`the stack's file is where ${what} says`, async () => {
      mkdirSync(join(project.folder, "stacks"), { recursive: true });
      ofProject({}, declared);
      declare({ ...secrets, "aws:region": region, "secret-rotation:environment": what.slice(0, 6) }, {}, "stacks");
      // One that is left where it was counts no more.
      assert.equal((await opened()).environment, what.slice(0, 6));
      rmSync(file("stacks"));
      await assert.rejects(
        opened(),
        (error) => error instanceof UsageError && error.message.startsWith(`there is no stacks/Pulumi.${stack}.yaml`),
      );
    });
  }

  it("a rotation runs by the file in stackConfigDir, and writes nothing beside it", async () => {
    mkdirSync(join(project.folder, "stacks"), { recursive: true });
    ofProject(shared, { stackConfigDir: "stacks" });
    renameSync(file(), file("stacks"));
    const before = readFileSync(file("stacks"), "utf8");
    assert.equal(only(await project.rotate(["key"])).outcome, "rotated");
    assert.equal(readFileSync(file("stacks"), "utf8"), before);
    assert.throws(() => readFileSync(file()), /ENOENT/);
  });

  it("a stack may be named with its organization and project", async () => {
    const config = await opened(qualified);
    assert.deepEqual([config.stack, config.named], [stack, qualified]);
    const rotated = await cli(project.folder, "rotate", "key", "--stack", qualified, "--json").finished;
    assert.equal(rotated.code, 0, rotated.stderr);
    const { version } = (await (await openStack(qualified, project.folder)).recorded()).get("key") ?? {};
    assert.deepEqual(version, (await project.recorded()).get("key")?.version);
    assert.ok(version && version.counter > 1);
  });

  it("a project may be Pulumi.yml, as for pulumi itself", async () => {
    rmSync(join(project.folder, "Pulumi.yaml"));
    ofProject(shared, {}, "Pulumi.yml");
    writeFileSync(join(project.folder, `Pulumi.${stack}.yml`), JSON.stringify({ ...own, config: secrets }));
    try {
      assert.equal((await opened()).backup?.bucket, bucket);
    } finally {
      rmSync(join(project.folder, "Pulumi.yml"));
      rmSync(join(project.folder, `Pulumi.${stack}.yml`));
    }
  });

  it("what cannot be read says so, and ends with 2", async () => {
    const cases: [string, () => void, RegExp][] = [
      [
        stack,
        () => writeFileSync(file(), "config: [x"),
        /cannot be read: invalid YAML file.*Pulumi\.configuration\.yaml/s,
      ],
      [stack, () => writeFileSync(join(project.folder, "Pulumi.yaml"), "name: [x"), /cannot be read: .*Pulumi\.yaml/s],
      [stack, () => declare(secrets, { environment: ["base"] }), /environments require the Pulumi Cloud/],
      ["nope", () => undefined, /the backend has no stack nope: name another by --stack, or make it/],
    ];
    for (const [name, break_, says] of cases) {
      ofProject(shared);
      declare(secrets);
      break_();
      const { code, stdout, stderr } = await cli(project.folder, "status", "--stack", name).finished;
      assert.match(stderr, says);
      assert.deepEqual([code, stdout], [2, ""]);
    }
  });

  it("a mistake in Pulumi.yaml is told like one in the stack's file", async () => {
    ofProject({ ...shared, "secret-rotation:backup": { value: { bucket, retentionDays: 0 } } });
    await assert.rejects(
      opened(),
      (error) => error instanceof ConfigurationError && /backup\.retentionDays: /.test(error.message),
    );
  });
});
