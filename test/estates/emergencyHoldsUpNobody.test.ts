import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { cli } from "../integration/cli";
import { isRefused, logsIn } from "../integration/postgres";
import { createProject, type Project, region } from "../integration/project";
import { workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

const stack = "estate-emergency";
const secret = (name: string, consumer: string, more: object) => ({
  name,
  rolloutTimeout: "20s",
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: stack, name: consumer, takes: "env" }],
  ...more,
});
const declared = [
  secret("leaked", "web", {
    kind: "database",
    strategy: "single-user",
    database: {
      ...{ dbname: "shop", roles: ["ee_leaked"], adopt: true },
      ...{ superuserSecret: "dev/postgres/superuser", tls: "disable" },
    },
  }),
  secret("stranger", "stuck", { kind: "app" }),
];

describe("an emergency beside a workload whose rollout is stuck", function () {
  this.timeout(300_000);
  let project: Project;
  /** A new pod of `stuck` is not ready while it is there. */
  let broken: string;
  const manager = () => realPorts({ region }).secretsManager;

  const live = async () => {
    const found = await manager().describe(`${stack}/leaked`);
    assert.ok(found);
    return found;
  };
  const password = async () =>
    (await manager().value(`${stack}/leaked`, versionWith("AWSCURRENT", await live()) ?? "")) ?? "";

  before(async () => {
    broken = join(mkdtempSync(join(tmpdir(), "secret-rotation-emergency-")), "broken");
    project = await createProject(stack);
    const cluster = workloads();
    await cluster.createNamespace(stack);
    await cluster.deploy(stack, "web");
    await cluster.deploy(stack, "stuck", { brokenWhile: broken });
    await asSuperuser(`CREATE ROLE ee_leaked LOGIN; GRANT CONNECT ON DATABASE shop TO ee_leaked;
      GRANT ee_leaked TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare(declared);
    await project.up();
    const { secrets } = await project.rotate(["leaked", "stranger"]);
    assert.deepEqual(
      secrets.flatMap(({ error }) => error?.message ?? []),
      [],
    );
    writeFileSync(broken, "");
  });
  after(() => {
    project.remove();
    rmSync(join(broken, ".."), { recursive: true });
  });

  it("retires and stamps a secret as soon as its own consumers are done", async () => {
    const old = await password();
    const ended: string[] = [];
    const stamped = Promise.withResolvers<void>();
    const observer = {
      stepStarted: () => undefined,
      stepEnded: (name: string, step: string) => {
        ended.push(`${name} ${step}`);
        if (name === "leaked" && step === "settle") stamped.resolve();
      },
    };
    const run = project.rotate(["leaked", "stranger"], { emergency: true, observer });
    await Promise.race([stamped.promise, run]);
    assert.ok(!ended.includes("stranger rollout"), ended.join());
    await isRefused(old);
    const { tags, stages } = await live();
    assert.equal(tags["rotated-version"], versionWith("AWSCURRENT", { stages }));
    const { secrets, runId } = await run;
    assert.deepEqual(
      secrets.map(({ outcome, error }) => error?.code ?? outcome),
      ["rotated", "ROLLOUT_FAILED"],
    );
    // The settling update says the same as the stamp.
    assert.deepEqual(await live(), { ...(await live()), tags });
    assert.equal(tags["rotated-by"], runId);
    assert.equal((await project.recorded()).get("leaked")?.stampedVersion, tags["rotated-version"]);
  });

  it("killed between a secret's retirement and its stamp: the same command ends it", async () => {
    const old = await password();
    const args = ["rotate", "leaked", "stranger", "--emergency", "--yes", "--stack", stack];
    const killed = cli(project.folder, ...args);
    await killed.says("leaked: settle");
    killed.child.kill("SIGKILL");
    await killed.finished;
    await isRefused(old);
    await logsIn(await password());
    rmSync(broken);
    const { code, stdout, stderr } = await cli(project.folder, ...args, "--json").finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"outcome": "resumed"/);
    const { tags, stages } = await live();
    assert.equal(tags["rotated-version"], versionWith("AWSCURRENT", { stages }));
    await isRefused(old);
    await logsIn(await password());
    assert.deepEqual(await project.up(), []);
  });
});
