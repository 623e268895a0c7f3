import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, escapeLiteral } from "pg";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { asSuperuser } from "../sandbox/testing/superuser";
import { cli, cliOnTerminal } from "./cli";
import { isEnded, isRefused, logIn, logsIn } from "./postgres";
import { createProject, only, type Project, region } from "./project";
import { type Workloads, workloads } from "./workloads";

const secret = (name: string, more: object, consumer = "web") => ({
  name,
  externalSecret: { target: name, keys: [{ key: "KEY" }] },
  consumers: [{ namespace: "emergency", name: consumer, takes: "env" }],
  rolloutTimeout: "30s",
  ...more,
});
const database = (roles: string[]) => ({
  ...{ dbname: "shop", superuserSecret: "dev/postgres/superuser", tls: "disable" },
  // Neither holds an emergency up.
  ...{ gracePeriod: "1d", drainTimeout: "1m" },
  ...{ roles, adopt: true, ...(roles.length === 2 && { groupRole: "em_group" }) },
});
const declared = [
  secret("key", { kind: "app" }),
  secret("signing", { kind: "jwt" }),
  secret("pair", { kind: "database", database: database(["em_a", "em_b"]) }),
  secret("sole", { kind: "database", strategy: "single-user", database: database(["em_sole"]) }),
];
const ungraced = declared.map((one) => ({
  ...one,
  ...("database" in one && { database: { ...(one.database as object), gracePeriod: "0s" } }),
}));
const held = secret("held", { kind: "database", database: database(["em_c", "em_d"]), rolloutTimeout: "5s" }, "picky");

describe("an emergency", function () {
  this.timeout(120_000);
  let project: Project;
  let cluster: Workloads;
  /** A new pod of `picky` is not ready while it is there. */
  let broken: string;
  const manager = () => realPorts({ region }).secretsManager;

  const live = async (name: string) => {
    const found = await manager().describe(`emergency/${name}`);
    assert.ok(found);
    return found;
  };
  const value = async (name: string, stage = "AWSCURRENT") =>
    (await manager().value(`emergency/${name}`, versionWith(stage, await live(name)) ?? "")) ?? "";
  const emergency = (...args: string[]) =>
    cli(project.folder, "rotate", "--stack", "emergency", "--emergency", ...args);

  before(async () => {
    broken = join(mkdtempSync(join(tmpdir(), "secret-rotation-emergency-")), "broken");
    project = await createProject("emergency");
    cluster = workloads();
    await cluster.createNamespace("emergency");
    await cluster.deploy("emergency", "web");
    await cluster.deploy("emergency", "picky", { brokenWhile: broken });
    await asSuperuser(`CREATE ROLE em_group NOLOGIN; CREATE ROLE em_sole LOGIN;
      GRANT CONNECT ON DATABASE shop TO em_group, em_sole;
      GRANT em_group, em_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    project.declare([...declared, held]);
    await project.up();
    const { secrets } = await project.rotate([...declared, held].map(({ name }) => name));
    assert.deepEqual(
      secrets.flatMap(({ error }) => error?.message ?? []),
      [],
    );
  });
  after(() => {
    project.remove();
    rmSync(join(broken, ".."), { recursive: true });
  });

  it("is refused with 2, and the reason, when it is not clear that it is meant", async () => {
    const cases: [string[], RegExp][] = [
      [["--yes"], /--emergency takes names of secrets, --type or --all/],
      [["key"], /there is no terminal to ask on: see --dry-run, then say --yes/],
      [["--due", "--all"], /'--emergency' cannot be used with option '--due'/],
      [["key", "--rollback-on-failure"], /cannot be used with option '--rollback-on-failure'/],
    ];
    const results = await Promise.all(cases.map(([args]) => emergency(...args).finished));
    for (const [i, { code, stderr, stdout }] of results.entries()) {
      assert.match(stderr, cases[i]?.[1] ?? /never/);
      assert.deepEqual([code, stdout], [2, ""]);
    }
  });

  it("a dry run says what would break now, and touches nothing", async () => {
    const session = await logIn(await value("pair"));
    const before = await Promise.all(declared.map(({ name }) => live(name)));
    const { code, stdout, stderr } = await emergency("--all", "--dry-run").finished;
    await session.end();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /every password of em_a and em_b so far is refused/);
    assert.match(stdout, /em_a: 1 session ends \(shop-web\)/);
    assert.match(stdout, /em_sole: 0 sessions end/);
    assert.match(stdout, /pair .* write a new version, retire what is older/);
    assert.match(stdout, /every token signed so far is refused.*Deployment emergency\/web/);
    await logsIn(await value("pair"));
    assert.deepEqual(await Promise.all(declared.map(({ name }) => live(name))), before);
  });

  it("asks on a terminal, and does nothing when the answer is not yes", async () => {
    const before = await live("pair");
    const { child, says, finished } = cliOnTerminal(
      project.folder,
      "rotate",
      "pair",
      "--stack",
      "emergency",
      "--emergency",
    );
    await says("Go on? (yes/no)");
    child.stdin?.write("no\n");
    const { code, stdout } = await finished;
    assert.match(stdout, /every password of em_a and em_b so far is refused/);
    assert.match(stdout, /not confirmed; nothing was changed/);
    assert.equal(code, 2);
    assert.deepEqual(await live("pair"), before);
  });

  it("is refused, before anything is written, when the sessions could not be ended", async () => {
    const before = await live("sole");
    await asSuperuser("REVOKE pg_signal_backend FROM rotator");
    const { error } = only(await project.rotate(["sole"], { emergency: true }));
    await asSuperuser("GRANT pg_signal_backend TO rotator");
    assert.match(error?.message ?? "", /may not end the sessions of em_sole/);
    assert.match(error?.hint ?? "", /^GRANT pg_signal_backend, pg_read_all_stats/);
    assert.deepEqual(await live("sole"), before);
  });

  it("retires whatever was valid, of every strategy, in one rollout", async () => {
    const names = declared.map(({ name }) => name);
    const [key = "", signing = "", pair = "", sole = ""] = await Promise.all(names.map((name) => value(name)));
    // The other role has a password of its own, and a session, as after an earlier rotation.
    await asSuperuser("CREATE ROLE em_b LOGIN PASSWORD 'older' IN ROLE em_group");
    await asSuperuser("GRANT em_b TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
    const older = JSON.stringify({ ...JSON.parse(pair), username: "em_b", password: "older" });
    const sessions = await Promise.all([pair, sole, older].map(logIn));
    const rollouts = await cluster.rollouts("emergency", "web");
    const { code, stdout, stderr } = await emergency(...names, "--yes", "--json").finished;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /em_a: 1 session ends \(shop-web\)/);
    const { secrets } = JSON.parse(stdout) as { secrets: { outcome: string; emergency: boolean }[] };
    for (const { outcome, emergency } of secrets) assert.deepEqual([outcome, emergency], ["rotated", true]);
    assert.equal(await cluster.rollouts("emergency", "web"), rollouts + 1);
    for (const text of [pair, sole, older]) await isRefused(text);
    for (const session of sessions) await isEnded(session);
    for (const name of ["pair", "sole"]) await logsIn(await value(name));
    assert.notEqual(await value("key"), key);
    const { current, previous } = JSON.parse(await value("signing"));
    assert.equal(previous, current);
    assert.notEqual(current, JSON.parse(signing).current);
    assert.deepEqual(await project.up(), []);
  });

  for (const { name } of declared) {
    it(`is not undone: ${name} is not rolled back to what was compromised`, async () => {
      const before = await live(name);
      const { error } = only(await project.rotate([name], { rollback: { to: undefined } }));
      assert.equal(error?.code, "RETIRED");
      assert.match(error?.message ?? "", /is from before the emergency rotation of 20/);
      assert.deepEqual(await live(name), before);
    });
  }

  it("ends no session that was begun with the new password, even when the old one was changed by whoever stole it", async () => {
    await asSuperuser("ALTER ROLE em_sole PASSWORD 'stolen'");
    const thief = await logIn(JSON.stringify({ ...JSON.parse(await value("sole")), password: "stolen" }));
    let newer: Promise<Client> | undefined;
    const observer = {
      stepStarted: () => undefined,
      stepEnded(_secret: string, step: string) {
        if (step === "finish") newer = value("sole").then(logIn);
      },
    };
    const { error } = only(await project.rotate(["sole"], { emergency: true, observer }));
    assert.equal(error, undefined);
    await isEnded(thief);
    const session = await newer;
    await session?.query("SELECT 1");
    await session?.end();
  });

  it("retires nothing while a rollout is stuck, and any later run goes on with the same version, as an emergency", async () => {
    const old = await value("held");
    const session = await logIn(old);
    writeFileSync(broken, "");
    const failed = only(await project.rotate(["held"], { emergency: true }));
    assert.equal(failed.error?.code, "ROLLOUT_FAILED");
    await session.query("SELECT 1");
    await logsIn(old);
    const { error } = only(await project.rotate(["held"], { rollback: { to: undefined } }));
    assert.equal(error?.code, "RETIRED");
    rmSync(broken);
    const resumed = only(await project.rotate(["held"]));
    assert.deepEqual(
      [resumed.outcome, resumed.emergency, resumed.newVersionId],
      ["resumed", true, failed.newVersionId],
      resumed.error?.message,
    );
    await isRefused(old);
    await isEnded(session);
  });

  it("is not called done while the old password still logs in", async () => {
    const old = await value("sole");
    let isRetiring = false;
    const observer = {
      stepStarted: (_secret: string, step: string) => {
        isRetiring ||= step === "retire";
      },
      stepEnded: () => undefined,
    };
    const { postgres } = realPorts({ region });
    // Somebody gives the role its old password back, just before the proof.
    const accepts: typeof postgres.accepts = async (login, work) => {
      if (isRetiring) await asSuperuser(`ALTER ROLE em_sole PASSWORD ${escapeLiteral(JSON.parse(old).password)}`);
      return postgres.accepts(login, work);
    };
    const ports = { postgres: { ...postgres, accepts } };
    const { error, newVersionId } = only(await project.rotate(["sole"], { emergency: true, ports, observer }));
    assert.equal(error?.code, "NOT_RETIRED", error?.message);
    assert.match(error?.message ?? "", /em_sole@127.0.0.1 still logs in with the old password/);
    assert.notEqual((await live("sole")).tags["rotated-version"], newVersionId);
    await asSuperuser(`ALTER ROLE em_sole PASSWORD ${escapeLiteral(JSON.parse(await value("sole")).password)}`);
    assert.equal(only(await project.rotate(["sole"], { emergency: true })).newVersionId, newVersionId);
    await isRefused(old);
  });

  it("stopped between the roles and their sessions: the same command ends the sessions", async () => {
    const session = await logIn(await value("pair"));
    const { postgres } = realPorts({ region });
    const as: typeof postgres.as = (login, work) =>
      postgres.as(login, ({ isDirect, query }) =>
        work({
          isDirect,
          query: async (sql, parameters) => {
            if (sql.includes("pg_terminate_backend")) throw new Error("the connection is gone");
            return query(sql, parameters);
          },
        }),
      );
    const stopped = only(await project.rotate(["pair"], { emergency: true, ports: { postgres: { ...postgres, as } } }));
    assert.equal(stopped.error?.message, "pair: retire: the connection is gone");
    await session.query("SELECT 1");
    assert.deepEqual(await project.up(), []);
    const resumed = only(await project.rotate(["pair"], { emergency: true }));
    assert.deepEqual([resumed.outcome, resumed.newVersionId], ["resumed", stopped.newVersionId]);
    await isEnded(session);
  });

  for (const step of ["finish", "retire"]) {
    it(`killed at ${step}: the same command finishes the same version, and retires`, async () => {
      const old = await value("pair");
      const killed = emergency("pair", "--yes");
      await killed.says(`pair: ${step}`);
      killed.child.kill("SIGKILL");
      await killed.finished;
      const written = Object.entries((await live("pair")).stages).find(([, stages]) => stages.includes("EMERGENCY"));
      const { code, stdout, stderr } = await emergency("pair", "--yes", "--json").finished;
      assert.equal(code, 0, stderr);
      const [result] = JSON.parse(stdout).secrets;
      assert.deepEqual([result.outcome, result.newVersionId], ["resumed", written?.[0]]);
      await isRefused(old);
      await logsIn(await value("pair"));
    });
  }

  it("does not go on with an interrupted ordinary rotation: its values may be known too", async () => {
    project.declare([...ungraced, held]);
    const names = ["pair", "sole"];
    const moveCurrent = async () => {
      throw new Error("the connection is gone");
    };
    const old = await Promise.all(names.map((name) => value(name)));
    const failed = await project.rotate(names, { ports: { secretsManager: { ...manager(), moveCurrent } } });
    assert.deepEqual(
      failed.secrets.map(({ error }) => error?.step),
      ["finish", "finish"],
    );
    const pending = await Promise.all(names.map((name) => value(name, "AWSPENDING")));
    await logsIn(pending[0]);
    // The one role was set back: services have its current password.
    await isRefused(pending[1]);
    await logsIn(old[1]);
    const { secrets } = await project.rotate(names, { emergency: true });
    for (const [i, { outcome, newVersionId, error }] of secrets.entries()) {
      assert.equal(outcome, "rotated", error?.message);
      assert.notEqual(newVersionId, failed.secrets[i]?.newVersionId);
    }
    for (const text of [...old, ...pending]) await isRefused(text);
    // The services live by the current role, so that it is the other one that changes once more.
    assert.equal(JSON.parse(await value("pair")).username, JSON.parse(pending[0] ?? "").username);
  });

  it("an ordinary rotation afterwards gives the retired role a new password", async () => {
    const before = JSON.parse(await value("pair")).username;
    const { outcome, emergency, error } = only(await project.rotate(["pair"]));
    assert.deepEqual([outcome, emergency], ["rotated", false], error?.message);
    assert.notEqual(JSON.parse(await value("pair")).username, before);
    await logsIn(await value("pair"));
    await logsIn(await value("pair", "AWSPREVIOUS"));
  });
});
