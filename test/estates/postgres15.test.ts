import assert from "node:assert/strict";
import { isEnded, isRefused, logIn, logsIn } from "../integration/postgres";
import { useSandbox } from "../integration/project";
import { startPostgres15 } from "../sandbox/testing/databaseServers";
import { asSuperuser } from "../sandbox/testing/superuser";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles, useServer } from "./databaseEstate";

const stack = "estate-postgres-15";
const superuserSecret = `${stack}/superuser`;
const pair = (name: string) => databaseSecret(name, stack, [`${name}_a`, `${name}_b`], { groupRole: "group15" });
const sole = (name: string, more: object = {}) => databaseSecret(name, stack, [name], more);

describe("PostgreSQL 15, where CREATEROLE is enough and a membership has no options", function () {
  this.timeout(120_000);
  let estate: DatabaseEstate;
  let end: () => Promise<void>;
  const goesWell = async (name: string, options?: Parameters<DatabaseEstate["rotate"]>[1]) => {
    const result = await estate.rotate(name, options);
    assert.equal(result.error, undefined, `${result.error?.message} ${result.error?.hint}`);
    await logsIn(await estate.value(name));
    return result;
  };

  before(async () => {
    const sandbox = await useSandbox();
    const other = Number(process.env.PGPORT);
    await makeRoles(["astray", "LOGIN PASSWORD 'first'"]);
    estate = await databaseEstate(stack);
    const { server, end: endServer } = await startPostgres15(sandbox, superuserSecret);
    const restore = useServer(server, superuserSecret);
    end = async () => {
      restore();
      await endServer();
    };
    await makeRoles(["group15", "NOLOGIN"], ["extra15", "NOLOGIN"]);
    await makeRoles(
      ...["like_a", "kept", "taken", "copies", "astray"].map((name): [string, string] => [
        name,
        "LOGIN PASSWORD 'first'",
      ]),
    );
    await asSuperuser("GRANT group15 TO like_a");
    estate.project.declare([
      ...[pair("like"), sole("kept"), sole("taken", { adopt: true }), sole("copies")],
      sole("astray", { host: "127.0.0.1", port: other, admin: { host: "127.0.0.1", port: server.port } }),
    ]);
    await estate.project.up();
    for (const [name, role] of [
      ["like", "like_a"],
      ["kept", "kept"],
      ["copies", "copies"],
    ] as const)
      await estate.put(name, role, "first");
    await estate.put("astray", "astray", "first", { port: other });
  });
  after(async () => {
    await end?.();
    estate.project.remove();
  });

  it("the second role is made like the first, acts as the group, and can be followed by the first again", async () => {
    assert.match((await asSuperuser<{ version: string }>("SELECT version()"))[0]?.version ?? "", /^PostgreSQL 15\./);
    await asSuperuser(`ALTER ROLE like_a SET search_path = reports, "$user"; ALTER ROLE like_a CONNECTION LIMIT 7;
      GRANT extra15 TO like_a WITH ADMIN OPTION`);
    for (const role of ["like_b", "like_a"]) {
      const before = await estate.value("like");
      await goesWell("like");
      const session = await logIn(await estate.value("like"));
      const sql = "SELECT session_user AS login, current_user AS role, current_setting('search_path') AS path";
      const { rows } = await session.query(sql);
      await session.end();
      assert.deepEqual(rows, [{ login: role, role: "group15", path: 'reports, "$user"' }]);
      await logsIn(before);
    }
    const facts = await asSuperuser(`SELECT rolconnlimit AS limit, (SELECT bool_and(admin_option) FROM pg_auth_members
      WHERE member = r.oid AND roleid = 'extra15'::regrole) AS admin FROM pg_roles r WHERE rolname = 'like_b'`);
    assert.deepEqual(facts, [{ limit: 7, admin: true }]);
  });

  it("one role: rotated, rolled back, claimed, and taken over where that is asked for", async () => {
    const first = await estate.value("kept");
    await goesWell("kept");
    await isRefused(first);
    await goesWell("kept", { rollback: { to: undefined } });
    await logsIn(first);
    assert.match((await estate.comment("kept")) ?? "", /\[secret-rotation: .*estate-postgres-15\/kept\]/);
    await goesWell("taken");
    assert.match((await estate.comment("taken")) ?? "", /\[secret-rotation: .*estate-postgres-15\/taken\]/);
  });

  it("an emergency ends the sessions of both roles, and disables the other one", async () => {
    const old = await estate.value("like");
    const session = await logIn(old);
    await goesWell("like", { emergency: true });
    await isEnded(session);
    await assert.rejects(logsIn(old), { code: /^28/ });
  });

  it("what only a superuser may alter before PostgreSQL 16 is refused with the statement that cures it", async () => {
    await asSuperuser("ALTER ROLE copies REPLICATION");
    const before = await estate.live("copies");
    const { error } = await estate.rotate("copies");
    assert.deepEqual([error?.code, error?.step], ["DATABASE_FAILED", "check"]);
    assert.match(error?.hint ?? "", /^ALTER ROLE "copies" NOREPLICATION/);
    assert.deepEqual(await estate.live("copies"), before);
    await asSuperuser("ALTER ROLE copies NOREPLICATION");
    await goesWell("copies");
  });

  it("an admin endpoint that is another server than the one services connect to is refused", async () => {
    const before = await estate.live("astray");
    const { error } = await estate.rotate("astray");
    assert.deepEqual([error?.code, error?.step], ["DATABASE_MISMATCH", "check"], error?.message);
    assert.match(`${error?.message}`, /database\.admin is another server than 127\.0\.0\.1:\d+/);
    assert.deepEqual(await estate.live("astray"), before);
  });
});
