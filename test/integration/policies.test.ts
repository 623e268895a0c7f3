import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { PackConfig } from "../../policies/rules";
import { checkLive } from "../../rotation/commands/check";
import { PolicyError } from "../../rotation/policyError";
import { realPorts } from "../../rotation/ports";
import { readStackConfig } from "../../rotation/rotators/readStackConfig";
import { cli } from "./cli";
import { createProject, only, type Project, region } from "./project";
import { workloads } from "./workloads";

const folder = resolve(__dirname, "../../policies");
const dayMs = 86_400_000;
const app = (name: string) => ({
  name,
  kind: "app",
  externalSecret: { target: name, keys: [{ key: "KEY" }], namespaces: ["policies"] },
});

describe("the policies in front of a rotation", function () {
  this.timeout(120_000);
  let project: Project;
  const clockAt = (ms: number) => ({ clock: { now: () => new Date(ms) } });
  const live = async (name: string) => realPorts({ region }).secretsManager.describe(`policies/${name}`);
  /** The sandbox's stack breaks other policies, which are lowered for that. */
  const lowered = { reason: "a test", until: new Date(Date.now() + dayMs).toISOString().slice(0, 10) };
  const rotate = (name: string, config: PackConfig) => {
    const all: PackConfig = { all: "advisory", "policies-stay-enabled": { lowered } };
    return project.rotate([name], { pack: { folder, config: { ...all, ...config } } });
  };

  before(async () => {
    project = await createProject("policies");
    await workloads().createNamespace("policies");
    project.declare([app("one"), app("two")]);
    await project.up();
    // Both rotated a hundred days ago: the limit is ninety.
    await project.rotate(["one", "two"], { ports: clockAt(Date.now() - 100 * dayMs) });
  });
  after(() => project.remove());

  it("a stale secret stops neither its own cure nor that of another", async () => {
    const mandatory: PackConfig = { "secret-max-age": "mandatory" };
    assert.equal(only(await rotate("one", mandatory)).outcome, "rotated");
    assert.equal(only(await rotate("two", mandatory)).outcome, "rotated");
  });

  it("any other mandatory policy stops it before anything is written", async () => {
    const before = await live("one");
    await assert.rejects(rotate("one", { "rotation-alarms-present": "mandatory" }), (error) => {
      assert.ok(error instanceof PolicyError, String(error));
      const found = error.violations.find(
        ({ secret, policy }) => secret === "one" && policy === "rotation-alarms-present",
      );
      assert.match(found?.message ?? "", /^policies\/one has no alarm/);
      return true;
    });
    assert.deepEqual(await live("one"), before);
  });

  it("so do levels that are lowered without a reason", async () => {
    await assert.rejects(rotate("one", { "policies-stay-enabled": {} }), (error) => {
      assert.ok(error instanceof PolicyError, String(error));
      const stopped = error.violations.filter(({ level }) => level === "mandatory");
      assert.deepEqual(
        stopped.map(({ policy }) => policy),
        ["policies-stay-enabled"],
      );
      return true;
    });
  });

  it("an advisory one does not", async () => {
    assert.equal(only(await rotate("one", { "rotation-alarms-present": "advisory" })).outcome, "rotated");
  });

  describe("check", () => {
    const config = () =>
      readStackConfig("policies", { "aws:region": region, "secret-rotation:secrets": [app("one"), app("two")] });
    const at = (days: number, dueWithinDays?: number) =>
      checkLive(
        config(),
        { ...realPorts({ region }), ...clockAt(Date.now() + days * dayMs) },
        {},
        dueWithinDays && dueWithinDays * 86_400,
      );
    const found = async (result: ReturnType<typeof at>) =>
      (await result).violations.map(({ secret, policy, level }) => `${secret} ${policy} ${level}`).sort();

    it("finds nothing in what was rotated just now", async () => {
      assert.deepEqual(await found(at(0)), []);
    });

    it("finds what is older than its limit", async () => {
      assert.deepEqual(await found(at(91)), [
        "policies/one secret-max-age mandatory",
        "policies/two secret-max-age mandatory",
      ]);
    });

    it("--due-within finds what will be, as advice", async () => {
      assert.deepEqual(await found(at(80, 5)), []);
      assert.deepEqual(await found(at(80, 14)), [
        "policies/one secret-max-age advisory",
        "policies/two secret-max-age advisory",
      ]);
    });

    it("sees every page of a large account", async () => {
      const aws = new SecretsManagerClient({ region });
      const names = Array.from({ length: 120 }, (_, i) => `policies/bulk-${i}`);
      await Promise.all(names.map((Name) => aws.send(new CreateSecretCommand({ Name }))));
      assert.equal((await at(0)).checked, 122);
    });

    it("ends with 3 when a mandatory policy is violated, and prints what to do", async () => {
      const file = join(project.folder, "policies.json");
      writeFileSync(
        file,
        JSON.stringify({ "secret-has-strategy": { enforcementLevel: "mandatory", environments: ["policies"] } }),
      );
      const { code, stdout } = await cli(
        project.folder,
        "check",
        "--stack",
        "policies",
        "--policy-config",
        file,
        "--json",
      ).finished;
      assert.equal(code, 3, stdout);
      const { schemaVersion, checked, violations } = JSON.parse(stdout);
      assert.deepEqual([schemaVersion, checked], [1, 122]);
      assert.ok(
        violations.some(({ message }: { message: string }) => message.startsWith("policies/bulk-7 names no kind")),
      );
    });
  });
});
