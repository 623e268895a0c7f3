import assert from "node:assert/strict";
import { logIn, logsIn } from "../integration/postgres";
import { asSuperuser } from "../sandbox/testing/superuser";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles } from "./databaseEstate";

const stack = "estate-roles";
const pair = (name: string, more: object = {}) =>
  databaseSecret(name, stack, [`er_${name}_a`, `er_${name}_b`], { groupRole: "er_group", ...more });
const sole = (name: string, more: object = {}) => databaseSecret(name, stack, [`er_${name}`], more);
const copied = ["copied", "denied", "direct", "expiredPair"];
const declared = [
  ...copied.map((name) => pair(name)),
  ...["past", "soon", "shut", "narrow", "full", "unprobed", "svc.dotted"].map((name) => sole(name)),
];

describe("what a database says of its roles is known before anything is written", function () {
  this.timeout(300_000);
  let estate: DatabaseEstate;
  /** Refused at check, with nothing changed in AWS or at the role. */
  const isRefused = async (name: string, code: string, says: RegExp, options?: { emergency: boolean }) => {
    const [before, value] = [await estate.live(name), await estate.value(name)];
    const { error } = await estate.rotate(name, options);
    assert.deepEqual([error?.code, error?.step], [code, "check"], error?.message);
    assert.match(`${error?.message}\n${error?.hint}`, says);
    assert.deepEqual([await estate.live(name), await estate.value(name)], [before, value]);
    return error;
  };
  const goesWell = async (name: string) => {
    const result = await estate.rotate(name);
    assert.equal(result.error, undefined, `${result.error?.message} ${result.error?.hint}`);
    await logsIn(await estate.value(name));
    return result;
  };

  before(async () => {
    estate = await databaseEstate(stack);
    await asSuperuser("CREATE ROLE er_extra NOLOGIN; CREATE SCHEMA er_schema; CREATE TABLE er_schema.made (id int)");
    await makeRoles(["er_group", "NOLOGIN"]);
    const first = declared.map(({ database, name }) => [name, database.roles[0] ?? ""] as const);
    await makeRoles(...first.map(([, role]): [string, string] => [role, "LOGIN PASSWORD 'first'"]));
    await asSuperuser("GRANT USAGE ON SCHEMA er_schema TO er_group; GRANT SELECT ON er_schema.made TO er_group");
    for (const name of copied) await asSuperuser(`GRANT er_group TO "er_${name}_a"`);
    estate.project.declare(declared);
    await estate.project.up();
    for (const [name, role] of first) await estate.put(name, role, "first");
  });
  after(() => estate.project.remove());

  it("the second role is made like the first: settings, limit, end, memberships, attributes", async () => {
    await asSuperuser(`ALTER ROLE er_copied_a SET search_path = er_schema, "$user"; ALTER ROLE er_copied_a CONNECTION LIMIT 7;
      ALTER ROLE er_copied_a IN DATABASE shop SET statement_timeout = '61s'; ALTER ROLE er_copied_a VALID UNTIL '2099-01-01';
      GRANT er_extra TO er_copied_a WITH INHERIT FALSE; GRANT er_extra TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    const { secrets } = { secrets: [await goesWell("copied")] };
    assert.equal(secrets[0]?.outcome, "rotated");
    const session = await logIn(await estate.value("copied"));
    const seen =
      await session.query(`SELECT session_user, current_user, current_setting('statement_timeout') AS timeout,
      (SELECT count(*) FROM made) AS made`);
    await session.end();
    assert.deepEqual(seen.rows[0], {
      session_user: "er_copied_b",
      current_user: "er_group",
      timeout: "61s",
      made: "0",
    });
    const facts =
      await asSuperuser(`SELECT rolconnlimit, rolvaliduntil::date::text AS until, (SELECT count(*)::int FROM pg_auth_members m
      WHERE m.member = r.oid AND m.roleid = 'er_extra'::regrole AND NOT m.inherit_option) AS extra FROM pg_roles r WHERE rolname = 'er_copied_b'`);
    assert.deepEqual(facts, [{ rolconnlimit: 7, until: "2099-01-01", extra: 1 }]);
  });

  it("and back again, when the one that services live by was changed since", async () => {
    await asSuperuser(`ALTER ROLE er_copied_b RESET search_path; ALTER ROLE er_copied_b SET work_mem = '7MB';
      ALTER ROLE er_copied_b CONNECTION LIMIT -1`);
    await goesWell("copied");
    const session = await logIn(await estate.value("copied"));
    const { rows } = await session.query(
      "SELECT session_user, current_setting('work_mem') AS mem, current_setting('search_path') AS path",
    );
    await session.end();
    assert.deepEqual(rows[0], { session_user: "er_copied_a", mem: "7MB", path: '"$user", public' });
  });

  it("one that acts as something else than the group is found out by the login as it", async () => {
    await asSuperuser("ALTER ROLE er_copied_b IN DATABASE shop SET role = 'er_copied_b'");
    const { error } = await estate.rotate("copied");
    assert.deepEqual([error?.code, error?.step], ["PROBE_FAILED", "test"], error?.message);
    assert.match(
      `${error?.message} ${error?.hint}`,
      /acts as er_copied_b, and not as er_group.*IN DATABASE … RESET role/,
    );
    await asSuperuser("ALTER ROLE er_copied_b IN DATABASE shop RESET role");
    assert.equal((await goesWell("copied")).outcome, "resumed");
  });

  it("what the superuser's secret may not copy is refused with the statements, which are enough, and without a value", async () => {
    await asSuperuser(
      `ALTER ROLE er_denied_a SET "app.key" = 'hunter2'; GRANT pg_read_all_data TO er_denied_a; ALTER ROLE er_denied_a BYPASSRLS`,
    );
    const error = await isRefused("denied", "DATABASE_FAILED", /may not make er_denied_b like er_denied_a/);
    const hint = error?.hint ?? "";
    assert.match(hint, /GRANT SET ON PARAMETER "app"."key" TO "rotator"/);
    assert.doesNotMatch(`${error?.message} ${hint}`, /hunter2/);
    await asSuperuser(hint);
    await goesWell("denied");
    const session = await logIn(await estate.value("denied"));
    const { rows } = await session.query("SELECT session_user, current_setting('app.key') AS key");
    await session.end();
    assert.deepEqual(rows[0], { session_user: "er_denied_b", key: "hunter2" });
  });

  it("what the first role was granted itself does not come along: that is told", async () => {
    await asSuperuser("CREATE TABLE er_schema.own (id int); GRANT SELECT ON er_schema.own TO er_direct_a");
    const { warnings = [] } = await goesWell("direct");
    assert.ok(
      warnings.some((text) => /er_direct_a has privileges of its own on 1 object.*table er_schema\.own/.test(text)),
      warnings.join("\n"),
    );
  });

  it("a role that is valid no more is refused with the statement that cures it, of both strategies", async () => {
    for (const [name, role] of [
      ["past", "er_past"],
      ["expiredPair", "er_expiredPair_a"],
    ] as const) {
      await asSuperuser(`ALTER ROLE "${role}" VALID UNTIL '2026-06-30'`);
      for (const emergency of [false, true]) {
        const error = await isRefused(name, "ROLE_UNUSABLE", /valid until 2026-06-30.*which is past/, { emergency });
        assert.ok(error?.hint?.startsWith(`ALTER ROLE "${role}" VALID UNTIL 'infinity'`), error?.hint);
      }
      await asSuperuser(`ALTER ROLE "${role}" VALID UNTIL 'infinity'`);
      await goesWell(name);
    }
  });

  it("one whose end comes before the next rotation is rotated, and told", async () => {
    await asSuperuser(
      "DO $$ BEGIN EXECUTE format('ALTER ROLE er_soon VALID UNTIL %L', now() + interval '10 days'); END $$",
    );
    const { warnings = [] } = await goesWell("soon");
    assert.match(
      warnings.join("\n"),
      /er_soon is valid until 20.*before its next rotation is due.*VALID UNTIL 'infinity'/,
    );
  });

  it("a limit of connections that leaves none for the test is refused; one that is near is told", async () => {
    await asSuperuser(
      "ALTER ROLE er_shut CONNECTION LIMIT 0; ALTER ROLE er_narrow CONNECTION LIMIT 2; ALTER ROLE er_full CONNECTION LIMIT 1",
    );
    await isRefused("shut", "ROLE_UNUSABLE", /connection limit of 0 .*\n.*ALTER ROLE "er_shut" CONNECTION LIMIT/);
    const service = await logIn(await estate.value("narrow"));
    const { warnings = [] } = await goesWell("narrow");
    await service.end();
    assert.match(warnings.join("\n"), /er_narrow has a connection limit of 2, and a rollout may want 3/);
    const other = await logIn(await estate.value("full"));
    await isRefused("full", "ROLE_UNUSABLE", /connection limit of 1 and 1 sessions/);
    await other.end();
  });

  it("a role that may not connect to the database is refused", async () => {
    await asSuperuser("REVOKE CONNECT ON DATABASE shop FROM er_full; ALTER ROLE er_full CONNECTION LIMIT -1");
    await isRefused(
      "full",
      "ROLE_UNUSABLE",
      /may not connect to the database shop\nGRANT CONNECT ON DATABASE "shop" TO "er_full"/,
    );
    await asSuperuser("GRANT CONNECT ON DATABASE shop TO er_full");
    await goesWell("full");
  });

  it("a probe that fails is refused, of a rotation, an emergency and a rollback, and what it writes is not there", async () => {
    await goesWell("unprobed");
    const declare = (probeSql: string) =>
      estate.project.declare([...declared.filter(({ name }) => name !== "unprobed"), sole("unprobed", { probeSql })]);
    declare("SELECT 1 FROM er_schema.typo");
    await isRefused("unprobed", "PROBE_FAILED", /the probe fails as er_unprobed.*\n.*probeSql/);
    await isRefused("unprobed", "PROBE_FAILED", /the probe fails as er_unprobed/, { emergency: true });
    const { error } = await estate.rotate("unprobed", { rollback: { to: undefined } });
    assert.deepEqual([error?.code, error?.step], ["PROBE_FAILED", "check"]);
    await logsIn(await estate.value("unprobed"));
    await asSuperuser(
      "CREATE TABLE er_schema.probed (id int); GRANT USAGE ON SCHEMA er_schema TO er_unprobed; GRANT INSERT ON er_schema.probed TO er_unprobed",
    );
    declare("INSERT INTO er_schema.probed VALUES (1), (1 / 0)");
    await isRefused("unprobed", "PROBE_FAILED", /division by zero/);
    assert.deepEqual(await asSuperuser("SELECT * FROM er_schema.probed"), []);
    estate.project.declare(declared);
  });

  it("a role's name may have what PostgreSQL allows", async () => {
    await goesWell("svc.dotted");
  });

  it("a role that rotates itself does so, again and again, with what is current", async () => {
    await asSuperuser(
      "CREATE ROLE er_boss LOGIN CREATEROLE PASSWORD 'boss-first'; GRANT CONNECT ON DATABASE shop TO er_boss",
    );
    const boss = databaseSecret("boss", stack, ["er_boss"], { superuserSecret: `${stack}/boss` });
    estate.project.declare([...declared, boss]);
    await estate.project.up();
    await estate.put("boss", "er_boss", "boss-first");
    for (const _ of [1, 2]) await goesWell("boss");
    const { error } = await estate.rotate("boss", { emergency: true });
    // Without pg_signal_backend and pg_read_all_stats it may end its own sessions all the same.
    assert.equal(error, undefined, `${error?.message} ${error?.hint}`);
    await logsIn(await estate.value("boss"));
  });
});
