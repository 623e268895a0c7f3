import assert from "node:assert/strict";
import { join } from "node:path";
import { ECS } from "@aws-sdk/client-ecs";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { openStack } from "../../rotation/stack/openStack";
import { verify } from "../../rotation/status/verification";
import { createAwsConsumers } from "../sandbox/testing/awsConsumers";
import { cliAs } from "./cli";
import { type HeldEcs, startHeldEcs } from "./heldEcs";
import { createProject, only, type Project, region } from "./project";

const stack = "awsconsumers";
const cluster = stack;

describe("consumers in AWS", function () {
  this.timeout(400_000);
  let project: Project;
  let ecs: ECS;
  let lambda: Lambda;
  const ports = () => realPorts({ region });
  const current = async (name: string) => {
    const found = await ports().secretsManager.describe(`${stack}/${name}`);
    return found && versionWith("AWSCURRENT", found);
  };
  const tag = (secret: string) => `${stack}.secret-rotation/${secret}`;
  const service = async (name: string) => {
    const found = await ports().ecs.service(cluster, name);
    assert.ok(found);
    return { tags: found.tags, deployment: found.deployments[0]?.id ?? "" };
  };
  const variables = async (FunctionName: string, Qualifier?: string) => {
    const found = await lambda.getFunctionConfiguration({ FunctionName, ...(Qualifier && { Qualifier }) });
    return found.Environment?.Variables ?? {};
  };
  const markIn = (all: Readonly<Record<string, string>>, secret: string) =>
    Object.entries(all).find(([name]) => name.startsWith(`SECRET_ROTATION_${stack}_${secret}_`.toUpperCase()))?.[1];
  /** What `verify` finds. */
  const againstIt = async (name: string) => {
    const { config } = await openStack(stack, project.folder);
    const secret = config.secrets.find((one) => one.name === name);
    assert.ok(secret);
    return (await verify(secret, config, ports())).problems.map(({ message }) => message);
  };
  /** The ports, and how often a service was redeployed by them. */
  const counted = () => {
    const real = ports();
    let redeployed = 0;
    const redeploy: typeof real.ecs.redeploy = async (...args) => {
      redeployed += 1;
      await real.ecs.redeploy(...args);
    };
    return { ports: { ecs: { ...real.ecs, redeploy } }, redeployed: () => redeployed };
  };
  const app = (name: string, consumers: readonly object[], more: object = {}) => ({
    name,
    kind: "app",
    consumers,
    ...more,
  });
  const declare = (more: object = {}) =>
    project.declare([app("alone", [web, called, released]), app("other", [web])], more);
  const web = { kind: "EcsService", cluster, name: "web" };
  const called = { kind: "LambdaFunction", name: "called" };
  const released = { kind: "LambdaFunction", name: "released", alias: "live" };

  before(async () => {
    project = await createProject(stack);
    [ecs, lambda] = [new ECS({ region }), new Lambda({ region })];
    await createAwsConsumers({ ecs, lambda, iam: new IAM({ region }) }, cluster);
    declare();
    await project.up();
  });
  after(() => project?.remove());

  it("run with a new version, of a secret that comes into no Kubernetes", async () => {
    const before = await service("web");
    const { outcome, newVersionId = "", error } = only(await project.rotate(["alone"]));
    assert.equal(outcome, "rotated", error?.message);
    assert.equal(await current("alone"), newVersionId);
    const { tags, deployment } = await service("web");
    assert.notEqual(deployment, before.deployment);
    assert.equal(tags.get(tag("alone")), `${newVersionId} ${before.deployment}`);
    const latest = await variables("called");
    assert.deepEqual([latest.OWN, markIn(latest, "alone")], ["stays", newVersionId]);
    const { FunctionVersion } = await lambda.getAlias({ FunctionName: "released", Name: "live" });
    assert.equal(FunctionVersion, "2");
    assert.equal(markIn(await variables("released", "2"), "alone"), newVersionId);
    assert.equal(markIn(await variables("released", "1"), "alone"), undefined);
    assert.deepEqual(await againstIt("alone"), []);
    assert.deepEqual(await project.up(), [], "nothing is left to do");
  });

  it("get what AWS has rotated, of a secret that comes into no Kubernetes", async () => {
    const byAws = { name: "byaws", kind: "api-key", strategy: "native", consumers: [web] };
    project.declare([app("alone", [web, called, released]), app("other", [web]), byAws]);
    await project.up();
    const SecretId = `${stack}/byaws`;
    const { VersionId } = await new SecretsManager({ region }).putSecretValue({ SecretId, SecretString: "by AWS" });
    const { outcome, error } = only(await project.rotate(["byaws"]));
    assert.equal(error?.message, undefined);
    assert.equal(outcome, "followed");
    assert.equal(await current("byaws"), VersionId);
    assert.equal((await service("web")).tags.get(tag("byaws"))?.split(" ")[0], VersionId);
    declare();
  });

  it("are not verified where somebody has taken the mark away", async () => {
    await lambda.updateFunctionConfiguration({ FunctionName: "called", Environment: { Variables: { OWN: "stays" } } });
    const [problem, ...others] = await againstIt("alone");
    assert.match(problem ?? "", /called: it does not have this version yet/);
    assert.deepEqual(others, []);
  });

  it("that two secrets of a run share are restarted once", async () => {
    const { ports, redeployed } = counted();
    const { secrets } = await project.rotate(["alone", "other"], { ports });
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.message ?? outcome),
      ["rotated", "rotated"],
    );
    assert.equal(redeployed(), 1);
    const { tags } = await service("web");
    for (const { secret, newVersionId } of secrets) {
      assert.equal(tags.get(tag(secret))?.split(" ")[0], newVersionId);
    }
  });

  describe("a driver that is killed as it restarts one", () => {
    let held: HeldEcs;
    before(async () => {
      held = await startHeldEcs(process.env.AWS_ENDPOINT_URL ?? "");
      declare({ "aws:endpoints": [{ ecs: held.url }] });
    });
    after(() => {
      held.stop();
      declare();
    });
    const rotate = () => cliAs(process.env, project.folder, "rotate", "other", "--json", "--stack", stack);

    for (const [when, inTheSecondRun] of [
      ["before", 1],
      ["after", 0],
    ] as const) {
      it(`${when} ECS has heard of it: the same command restarts it ${inTheSecondRun} times more`, async () => {
        const version = await current("other");
        const killed = rotate();
        await Promise.race([
          held.hold(when),
          killed.finished.then(({ stdout, stderr }) => assert.fail(stdout + stderr)),
        ]);
        killed.child.kill("SIGKILL");
        assert.equal((await killed.finished).signal, "SIGKILL");
        const [written, redeployed] = [await current("other"), held.redeployed()];
        assert.notEqual(written, version);
        const { code, stdout, stderr } = await rotate().finished;
        assert.equal(code, 0, stderr);
        const [result] = (JSON.parse(stdout) as { secrets: { outcome: string; newVersionId: string }[] }).secrets;
        assert.deepEqual([result?.outcome, result?.newVersionId], ["resumed", written]);
        assert.equal(held.redeployed() - redeployed, inTheSecondRun);
        assert.equal((await service("web")).tags.get(tag("other"))?.split(" ")[0], written);
      });
    }
  });

  it("that take it alone need no cluster: the driver asks none", async () => {
    const env = { ...process.env, KUBECONFIG: join(project.folder, "there-is-none") };
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await cliAs(env, project.folder, ...args, "--stack", stack).finished;
      assert.equal(code, 0, stdout + stderr);
      return stdout;
    };
    const dry = await run("rotate", "other", "--dry-run");
    assert.match(dry, /EcsService awsconsumers\/web is there, and can be restarted/);
    assert.match(dry, /│ other .*│ EcsService awsconsumers\/web/);
    const before = (await service("web")).deployment;
    await run("rotate", "other");
    assert.notEqual((await service("web")).deployment, before);
    assert.match(await run("status"), /other/);
  });

  it("are restarted by an emergency, and by a rollback", async () => {
    const emergency = only(await project.rotate(["other"], { emergency: true }));
    assert.equal(emergency.outcome, "rotated", emergency.error?.message);
    assert.equal(only(await project.rotate(["other"])).outcome, "rotated");
    const { ports, redeployed } = counted();
    const back = only(await project.rotate(["other"], { rollback: { to: undefined }, ports }));
    assert.equal(back.outcome, "rolled back", back.error?.message);
    assert.equal(redeployed(), 1);
  });

  it("that are not there, or would release something else, are told before anything is touched", async () => {
    const before = await current("alone");
    const refused = async (consumer: object) => {
      project.declare([app("alone", [consumer]), app("other", [web])]);
      const { error } = only(await project.rotate(["alone"]));
      assert.equal(error?.step, "check");
      return `${error.code} ${error.text}`;
    };
    assert.match(await refused({ ...web, name: "gone" }), /CONSUMER_MISSING there is no EcsService awsconsumers\/gone/);
    assert.match(await refused({ ...web, cluster: "gone" }), /CONSUMER_MISSING there is no EcsService gone\/web/);
    assert.match(await refused({ ...called, name: "gone" }), /CONSUMER_MISSING there is no LambdaFunction gone/);
    assert.match(await refused({ ...released, alias: "gone" }), /CONSUMER_HELD_BACK .* has no alias gone/);
    await lambda.updateFunctionConfiguration({ FunctionName: "released", MemorySize: 512 });
    assert.match(
      await refused(released),
      /has other code or settings in \$LATEST than in version \d+, .* would release/,
    );
    assert.equal(await current("alone"), before);
  });
});
