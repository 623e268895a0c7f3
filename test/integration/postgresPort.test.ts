import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type Login, postgres } from "../../rotation/ports/postgres";
import { waitFor } from "../../rotation/waitFor";
import { asSuperuser } from "../sandbox/testing/superuser";
import { useSandbox } from "./project";

describe("the driver's port to PostgreSQL", function () {
  this.timeout(60_000);
  let hba: string;
  let rules: string;
  const as = (username: string, password = "right"): Login => ({
    ...{ host: process.env.PGHOST ?? "", port: Number(process.env.PGPORT), dbname: "shop" },
    ...{ username, password, tls: "disable" },
  });

  before(async () => {
    await useSandbox();
    const roles = ["port_open", "port_shut"].map((role) => `CREATE ROLE ${role} LOGIN PASSWORD 'right'`);
    await asSuperuser(`${roles.join(";")}; CREATE ROLE port_nologin PASSWORD 'right';
      CREATE ROLE port_apart LOGIN PASSWORD 'right'; CREATE ROLE port_full LOGIN CONNECTION LIMIT 0 PASSWORD 'right';
      GRANT CONNECT ON DATABASE shop TO port_open, port_shut, port_nologin, port_full`);
    hba = (await asSuperuser<{ hba_file: string }>("SHOW hba_file"))[0]?.hba_file ?? "";
    rules = readFileSync(hba, "utf8");
    writeFileSync(hba, `host all port_shut all reject\n${rules}`);
    await asSuperuser("SELECT pg_reload_conf()");
  });
  after(async () => {
    writeFileSync(hba, rules);
    await asSuperuser("SELECT pg_reload_conf()");
  });

  it("tells a credential that is accepted from one that is refused", async () => {
    assert.equal(await postgres.accepts(as("port_open")), true);
    assert.equal(await postgres.accepts(as("port_open", "wrong")), false);
    assert.equal(await postgres.accepts(as("port_nologin", "wrong")), false);
  });

  it("tells what the server says after it has taken the password from a refusal of the credential", async () => {
    const shut = [
      ["28000", as("port_nologin")],
      ["53300", as("port_full")],
      ["3D000", { ...as("port_open"), dbname: "no_such" }],
      ["42501", as("port_apart")],
    ] as const;
    for (const [code, login] of shut) {
      await assert.rejects(postgres.accepts(login), { code, password: "accepted" });
      assert.equal(
        await postgres.accepts({ ...login, password: "wrong" }),
        false,
        `${code}: a wrong password is refused`,
      );
    }
    await assert.rejects(postgres.accepts({ ...as("port_open"), port: 1 }), { password: "not asked" });
  });

  it("calls no credential refused where pg_hba.conf lets nobody in", async () => {
    // The server reads the file when it gets to it.
    const shut = () => postgres.accepts(as("port_shut")).then(() => undefined, String);
    assert.match((await waitFor(shut, { timeoutSeconds: 10 })) ?? "it is let in", /pg_hba\.conf rejects connection/);
  });

  it("holds few of the server's connections, however many secrets are at work", async () => {
    const [held, all] = [[] as number[], Array.from({ length: 20 })];
    const counted = "SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'port_open'";
    await Promise.all(
      all.map(() =>
        postgres.as(as("port_open"), async ({ query }) => {
          const [row] = await query<{ count: number }>(counted);
          held.push(row?.count ?? 0);
        }),
      ),
    );
    assert.equal(held.length, all.length);
    assert.ok(Math.max(...held) > 1, "they go on side by side");
    // A session that is closed is listed for a moment.
    assert.ok(Math.max(...held) <= 8, `${Math.max(...held)} at once`);
  });
});
