import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import type { RunResult } from "../../rotation/result";
import { logsIn } from "../integration/postgres";
import { useSandbox } from "../integration/project";
import { type Workloads, workloads } from "../integration/workloads";
import { type Case, cases, makeRoles, names, roleOf, stack, table, type Undo } from "./databaseCases";
import { type FaultProject, faultProject, resultOf } from "./faultProject";
import { PostgresProxy } from "./postgresProxy";
import { itSaysNoValue } from "./saysNoValue";

describe("the database fails", function () {
  this.timeout(300_000);
  let project: FaultProject;
  let cluster: Workloads;
  let run: RunResult;
  let logged: string;
  const proxies = new Map<string, PostgresProxy>();
  const undos: Undo[] = [];

  before(async () => {
    const sandbox = await useSandbox();
    const { log } = sandbox.part("postgres");
    cluster = workloads();
    project = await faultProject(stack);
    await cluster.createNamespace(stack);
    for (const name of names) proxies.set(name, await PostgresProxy.start(Number(process.env.PGPORT)));
    await makeRoles();
    project.declare(names.map(declaration));
    await project.up();
    // Twice, so that the alternating ones have an older credential too.
    for (let i = 0; i < 2; i++) await project.rotate(names);
    const begin = async (name: string, { begin: start }: Case) => {
      const undo = await start({ proxy: proxies.get(name) as PostgresProxy, project, name });
      if (undo) undos.push(undo);
    };
    for (const [name, one] of table) if (!one.from) await begin(name, one);
    const offset = statSync(log).size;
    run = await project.rotate(names, {
      observer: {
        stepStarted(name, step) {
          for (const [faulty, one] of table) if (faulty === name && one.from === step) void begin(name, one);
        },
        stepEnded: () => undefined,
      },
    });
    logged = readFileSync(log).subarray(offset).toString("utf8");
  });
  after(async () => {
    for (const proxy of proxies.values()) proxy.down();
    project.remove();
  });

  it("and what has no fault is rotated", () => assert.equal(resultOf(run, "well").outcome, "rotated"));

  for (const [name, { fails }] of table) {
    it(`${name}: ${fails ? `fails at ${fails.at}, with what to do` : "is found done, and goes well"}; the credential in use logs in`, async () => {
      const { outcome, error, newVersionId } = resultOf(run, name);
      const { current, rotatedVersion } = await project.live(name);
      await logsIn(await inUse(name));
      if (!fails) {
        assert.deepEqual([outcome, error?.message], ["rotated", undefined]);
        assert.deepEqual([current, rotatedVersion], [newVersionId, newVersionId]);
        return;
      }
      assert.deepEqual([outcome, error?.step, error?.code], ["failed", fails.at, fails.code]);
      assert.match(error?.message ?? "", fails.says);
      assert.match(error?.hint ?? "", fails.hint);
      assert.ok(current !== newVersionId, "AWSCURRENT has not moved");
    });
  }

  it("the server's log has the statement that failed, without the password's verifier", () => {
    assert.match(logged, /ERROR: {2}tuple concurrently updated/);
    assert.match(logged, /STATEMENT: {2}DO \$\$ BEGIN/);
    assert.doesNotMatch(logged, /SCRAM-SHA-256\$/);
  });

  it("the same command again, without the faults, ends well, with the value that was on its way", async () => {
    for (const proxy of proxies.values()) await proxy.heal();
    for (const undo of undos.splice(0)) await undo();
    const again = await project.rotate(names);
    for (const { secret: name, error, outcome, newVersionId } of again.secrets) {
      assert.equal(error?.message, undefined);
      const before = resultOf(run, name);
      const began = before.outcome === "failed" && before.error?.step !== "check";
      assert.equal(outcome, began ? "resumed" : "rotated", name);
      if (began) assert.equal(newVersionId, before.newVersionId);
      const { current, currents, rotatedVersion } = await project.live(name);
      assert.deepEqual([current, rotatedVersion, currents], [newVersionId, newVersionId, 1]);
      await logsIn(await inUse(name));
    }
  });

  /** What a service has: the content of the Kubernetes Secret, tried at the server itself. */
  itSaysNoValue();

  async function inUse(name: string): Promise<string> {
    const { username, password } = await cluster.secretData(stack, name);
    return JSON.stringify({ username, password });
  }

  function declaration(name: string) {
    const { strategy, probeSql }: Partial<Case> = (cases as Record<string, Case>)[name] ?? {};
    const role = roleOf(name);
    const alternating = strategy !== "single-user";
    return {
      name,
      kind: "database",
      strategy: strategy ?? "alternating-users",
      externalSecret: {
        target: name,
        keys: ["username", "password"].map((key) => ({ key, property: key })),
        namespaces: [stack],
      },
      database: {
        host: "127.0.0.1",
        port: proxies.get(name)?.port,
        dbname: "shop",
        superuserSecret: "dev/postgres/superuser",
        tls: "disable",
        drainTimeout: "1s",
        ...(probeSql && { probeSql }),
        ...(alternating
          ? { roles: [`${role}_a`, `${role}_b`], groupRole: "f_group", gracePeriod: "0s" }
          : { roles: [role], adopt: true }),
      },
    };
  }
});
