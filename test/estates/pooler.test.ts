import assert from "node:assert/strict";
import { isRefused, logIn, logsIn } from "../integration/postgres";
import { useSandbox } from "../integration/project";
import { type Pooler, startPgbouncer } from "../sandbox/testing/databaseServers";
import { asSuperuser } from "../sandbox/testing/superuser";
import { type DatabaseEstate, databaseEstate, databaseSecret, makeRoles } from "./databaseEstate";

const stack = "estate-pooler";
const host = "127.0.0.1";
const soles = ["sole", "through", "listed", "unlisted", "statement"] as const;
const roles = ["ep_pair_a", ...soles.map((name) => `ep_${name}`)] as const;

describe("a real PgBouncer between services and the server", function () {
  this.timeout(120_000);
  let estate: DatabaseEstate;
  const poolers: Pooler[] = [];
  const direct = (value: string) => JSON.stringify({ ...JSON.parse(value), port: process.env.PGPORT });
  const portOf = (value: string): unknown => JSON.parse(value).port;
  const goesWell = async (name: string, options?: { emergency: boolean }) => {
    const result = await estate.rotate(name, options);
    assert.equal(result.error, undefined, `${result.error?.message} ${result.error?.hint}`);
    return result;
  };

  before(async () => {
    const sandbox = await useSandbox();
    estate = await databaseEstate(stack);
    const start = async (...settings: Parameters<typeof startPgbouncer>[1][]) => {
      for (const each of settings) poolers.push(await startPgbouncer(sandbox, each));
      return poolers.map(({ port }) => port);
    };
    await makeRoles(["ep_group", "NOLOGIN"]);
    await makeRoles(...roles.map((role): [string, string] => [role, "LOGIN PASSWORD 'first'"]));
    await asSuperuser("GRANT ep_group TO ep_pair_a; ALTER ROLE ep_pair_a SET role = 'ep_group'");
    const { password } = JSON.parse(await estate.read("dev/postgres/superuser"));
    const passwords = { ep_listed: "first", ep_unlisted: "first", rotator: password };
    const [asking = 0, listing = 0, statements = 0] = await start(
      { passwords: "auth_query", poolMode: "transaction" },
      { passwords, poolMode: "transaction" },
      { passwords: "auth_query", poolMode: "statement" },
    );
    const admin = { host, port: Number(process.env.PGPORT) };
    estate.project.declare([
      databaseSecret("pair", stack, ["ep_pair_a", "ep_pair_b"], {
        ...{ groupRole: "ep_group", drainTimeout: "15s", host, port: asking, admin },
      }),
      databaseSecret("sole", stack, ["ep_sole"], { host, port: asking, admin }),
      databaseSecret("through", stack, ["ep_through"], { host, port: asking }),
      databaseSecret("listed", stack, ["ep_listed"], { host: "localhost", port: listing, admin }),
      databaseSecret("unlisted", stack, ["ep_unlisted"], { host, port: listing }),
      databaseSecret("statement", stack, ["ep_statement"], { host, port: statements }),
    ]);
    await estate.project.up();
    const ports = { pair: asking, sole: asking, through: asking, listed: listing, unlisted: listing };
    for (const [name, port] of Object.entries(ports))
      await estate.put(name, name === "pair" ? "ep_pair_a" : `ep_${name}`, "first", { port });
    await estate.put("statement", "ep_statement", "first", { port: statements });
  });
  after(async () => {
    for (const pooler of poolers) await pooler.end();
    estate.project.remove();
  });

  it("two roles in turn: each logs in through it, acts as the group, and the one before still does", async () => {
    const values = [await estate.value("pair")];
    for (const role of ["ep_pair_b", "ep_pair_a"]) {
      await goesWell("pair");
      values.push(await estate.value("pair"));
      const session = await logIn(values.at(-1));
      const { rows } = await session.query("SELECT session_user AS login, current_user AS role");
      await session.end();
      assert.deepEqual(rows, [{ login: role, role: "ep_group" }]);
    }
    await logsIn(values[1]);
    assert.equal(new Set(values.map(portOf)).size, 1, "the value keeps services' endpoint");
  });

  it("one role: the new password is accepted by it and by the server, the old one by neither", async () => {
    const old = await estate.value("sole");
    await goesWell("sole");
    const value = await estate.value("sole");
    await logsIn(value);
    await logsIn(direct(value));
    await isRefused(direct(old));
    await assert.rejects(logsIn(old), /SASL authentication failed/);
  });

  it("an emergency: the old password is refused at both, and whoever is connected to the pooler is told of", async () => {
    const old = await estate.value("sole");
    const { warnings = [] } = await goesWell("sole", { emergency: true });
    assert.match(warnings.join("\n"), /connected to the pooler 127\.0\.0\.1:\d+ stays connected there.*restart it/);
    await isRefused(direct(old));
    await assert.rejects(logsIn(old), /SASL authentication failed/);
    await logsIn(await estate.value("sole"));
  });

  it("the superuser's secret may go through it too, which is told", async () => {
    const { warnings = [] } = await goesWell("through");
    assert.match(warnings.join("\n"), /logs in through a pooler \(127\.0\.0\.1:\d+\).*database\.admin/);
    await logsIn(direct(await estate.value("through")));
    const left = await asSuperuser(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Client' AND state <> 'idle'",
    );
    assert.deepEqual(left, [], "no transaction is left open");
  });

  for (const name of ["listed", "unlisted"] as const) {
    const how = name === "listed" ? "with the server's own endpoint declared" : "with nothing but the pooler declared";
    it(`a list of passwords that only the pooler has, ${how}: named at the test, and the role is set back`, async () => {
      const value = await estate.value(name);
      const { error } = await estate.rotate(name);
      assert.deepEqual([error?.code, error?.step], ["CREDENTIAL_REFUSED", "test"], `${error?.message} ${error?.hint}`);
      assert.match(`${error?.hint}`, /is a pooler or proxy that has passwords of its own.*auth_query/);
      assert.match(`${error?.message}`, /set back to the current password/);
      assert.equal(await estate.value(name), value);
      await logsIn(direct(value));
      await logsIn(value);
    });
  }

  it("one that allows no transactions is refused before anything is touched, and says what to declare", async () => {
    const before = await estate.live("statement");
    const { error } = await estate.rotate("statement");
    assert.deepEqual([error?.code, error?.step], ["DATABASE_FAILED", "check"], error?.message);
    assert.match(`${error?.message} ${error?.hint}`, /statement pooling mode.*is a pooler or proxy.*database\.admin/);
    assert.deepEqual(await estate.live("statement"), before);
  });
});
