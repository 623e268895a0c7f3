import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, escapeLiteral } from "pg";
import { realPorts } from "../../rotation/ports";
import { versionWith } from "../../rotation/ports/secretsManager";
import { asSuperuser } from "../sandbox/testing/superuser";
import { createProject, only, type Project, region, useSandbox } from "./project";
import { workloads } from "./workloads";

interface Credential {
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
  readonly masterarn: string;
}

const base = {
  dbname: "shop",
  superuserSecret: "dev/postgres/superuser",
  tls: "disable",
  gracePeriod: "0s",
  drainTimeout: "1s",
};
const secret = (name: string, strategy: string, database: object) => ({
  name,
  kind: "database",
  strategy,
  externalSecret: { target: name, keys: [{ key: "password", property: "password" }], namespaces: ["database"] },
  database: { ...base, ...database },
});
const alternating = (more: object = {}) =>
  secret("pair", "alternating-users", { roles: ["it_a", "it_b"], groupRole: "it_group", ...more });
const single = (more: object = {}) => secret("sole", "single-user", { roles: ["it_sole"], adopt: true, ...more });

describe("the database strategies on a real server", function () {
  this.timeout(120_000);
  let project: Project;
  let log: string;
  const manager = () => realPorts({ region }).secretsManager;

  const live = async (name: string) => {
    const found = await manager().describe(`database/${name}`);
    assert.ok(found);
    return found;
  };
  const credential = async (name: string, stage = "AWSCURRENT"): Promise<Credential> => {
    const id = versionWith(stage, await live(name));
    return JSON.parse((await manager().value(`database/${name}`, id ?? "")) ?? "{}");
  };
  const client = ({ host, port, dbname, username, password }: Credential) =>
    new Client({ host, port, database: dbname, user: username, password });
  const query = async (as: Credential, sql: string) => {
    const session = client(as);
    await session.connect();
    return session.query(sql).finally(() => session.end());
  };
  /** Nothing of the secret has changed while the work went on. */
  const untouched = async (name: string, work: () => Promise<void>) => {
    const before = await live(name);
    await work();
    assert.deepEqual(await live(name), before);
  };

  before(async () => {
    project = await createProject("database");
    log = (await useSandbox()).part("postgres").log;
    await workloads().createNamespace("database");
    await asSuperuser(`CREATE ROLE it_group NOLOGIN; CREATE ROLE it_sole LOGIN; GRANT CONNECT ON DATABASE shop TO it_group, it_sole;
      GRANT it_group, it_sole TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
      CREATE SCHEMA it AUTHORIZATION it_group; ALTER ROLE rotator SET log_statement = 'none'`);
    project.declare([alternating(), single()]);
    await project.up();
    const { secrets } = await project.rotate(["pair", "sole"]);
    assert.deepEqual(
      secrets.map(({ outcome, error }) => outcome + (error?.message ?? "")),
      ["rotated", "rotated"],
    );
  });
  after(() => project.remove());

  it("write the JSON that AWS's own rotation functions read", async () => {
    const { masterarn, password, ...rest } = await credential("pair");
    assert.deepEqual(rest, {
      engine: "postgres",
      host: "127.0.0.1",
      port: Number(process.env.PGPORT),
      dbname: "shop",
      username: "it_a",
    });
    assert.match(masterarn, /^arn:aws:secretsmanager:.*dev\/postgres\/superuser/);
    assert.match(password, /^[A-Za-z0-9]{48}$/);
  });

  it("alternating-users: changes to the other role, and the one before still logs in", async () => {
    const before = await credential("pair");
    assert.equal(only(await project.rotate(["pair"])).outcome, "rotated");
    const after = await credential("pair");
    assert.notEqual(after.username, before.username);
    await query(after, "SELECT 1");
    await query(before, "SELECT 1");
  });

  it("alternating-users: what one role makes, the other owns", async () => {
    const one = await credential("pair");
    await query(one, "CREATE TABLE it.made (id int)");
    await project.rotate(["pair"]);
    const other = await credential("pair");
    assert.notEqual(one.username, other.username);
    await query(other, "DROP TABLE it.made");
  });

  it("alternating-users: refuses, and writes nothing, while the next role still has sessions", async () => {
    const inactive = client(await credential("pair", "AWSPREVIOUS"));
    await inactive.connect();
    await untouched("pair", async () => {
      const { error } = only(await project.rotate(["pair"]));
      assert.equal(error?.code, "ROLE_IN_USE");
      assert.match(error?.message ?? "", /it_[ab], whose password is next, still has 1 sessions/);
    });
    await inactive.end();
  });

  it("alternating-users: refuses, and writes nothing, within the grace period", async () => {
    project.declare([alternating({ gracePeriod: "1d" }), single()]);
    await untouched("pair", async () => assert.equal(only(await project.rotate(["pair"])).error?.code, "GRACE_PERIOD"));
    // Not for as long as a clock that is wrong has it: a time in the future is none.
    const clock = { now: () => new Date(Date.now() - 86_400_000) };
    assert.equal(only(await project.rotate(["pair"], { ports: { clock } })).error?.message, undefined);
    project.declare([alternating(), single()]);
  });

  it("single-user: the new password is accepted, the old one refused", async () => {
    const before = await credential("sole");
    assert.equal(only(await project.rotate(["sole"])).outcome, "rotated");
    await query(await credential("sole"), "SELECT 1");
    await assert.rejects(query(before, "SELECT 1"), { code: "28P01" });
  });

  it("a failing probe stops before AWSCURRENT moves, and the next run goes on with the same version", async () => {
    // It passes as the current credential, so that it is not refused before.
    const probe = `SELECT 1 / (session_user = '${(await credential("pair")).username}')::int`;
    project.declare([alternating({ probeSql: probe }), single()]);
    const before = versionWith("AWSCURRENT", await live("pair"));
    const failed = only(await project.rotate(["pair"]));
    assert.equal(failed.error?.code, "PROBE_FAILED");
    assert.equal(versionWith("AWSCURRENT", await live("pair")), before);
    project.declare([alternating(), single()]);
    const resumed = only(await project.rotate(["pair"]));
    assert.deepEqual([resumed.outcome, resumed.newVersionId], ["resumed", failed.newVersionId]);
  });

  it("a failure after the role was changed: it is set back to the current password, and the next run goes on with the same version", async () => {
    const moveCurrent = async () => {
      throw new Error("the connection is gone");
    };
    const failed = only(await project.rotate(["sole"], { ports: { secretsManager: { ...manager(), moveCurrent } } }));
    assert.deepEqual([failed.error?.step, failed.outcome], ["finish", "failed"]);
    assert.match(
      failed.error?.message ?? "",
      /it_sole was set back to the current password, and has logged in with it/,
    );
    await query(await credential("sole"), "SELECT 1");
    await assert.rejects(query(await credential("sole", "AWSPENDING"), "SELECT 1"), { code: "28P01" });
    const resumed = only(await project.rotate(["sole"]));
    assert.deepEqual([resumed.outcome, resumed.newVersionId], ["resumed", failed.newVersionId]);
    await query(await credential("sole"), "SELECT 1");
  });

  it("a pending version that the stack does not know, but the server accepts, becomes current before the next one", async () => {
    const known = await credential("sole");
    // As AWS's function leaves it on Aurora.
    const aurora = { engine: "aurora-postgresql", dbClusterIdentifier: "shop" };
    const orphan = { ...known, ...aurora, password: "orphan".repeat(8) };
    const aws = new SecretsManagerClient({ region });
    const ClientRequestToken = randomUUID();
    await aws.send(
      new PutSecretValueCommand({
        SecretId: "database/sole",
        SecretString: JSON.stringify(orphan),
        VersionStages: ["AWSPENDING"],
        ClientRequestToken,
      }),
    );
    await asSuperuser(`ALTER ROLE it_sole PASSWORD ${escapeLiteral(orphan.password)}`);
    const result = only(await project.rotate(["sole"]));
    assert.deepEqual([result.outcome, result.oldVersionId], ["rotated", ClientRequestToken]);
    const after = await credential("sole");
    await query(after, "SELECT 1");
    const { password, ...kept } = orphan;
    assert.deepEqual({ ...after, password }, { ...kept, password });
    assert.notEqual(after.password, password);
  });

  it("a credential of another server is refused before anything is written", async () => {
    project.declare([alternating({ host: "127.0.0.2" }), single()]);
    await untouched("pair", async () =>
      assert.equal(only(await project.rotate(["pair"])).error?.code, "DATABASE_MISMATCH"),
    );
    project.declare([alternating(), single()]);
  });

  it("a password that was changed by hand is refused before anything is written", async () => {
    const { password } = await credential("sole");
    await asSuperuser("ALTER ROLE it_sole PASSWORD 'by hand'");
    await untouched("sole", async () =>
      assert.equal(only(await project.rotate(["sole"])).error?.code, "CREDENTIAL_REFUSED"),
    );
    await asSuperuser(`ALTER ROLE it_sole PASSWORD ${escapeLiteral(password)}`);
  });

  it("a superuser's secret without the right to alter the role is refused before anything is written, with the cure", async () => {
    for (const taken of ["REVOKE it_sole FROM rotator", "ALTER ROLE rotator NOCREATEROLE"]) {
      await asSuperuser(taken);
      await untouched("sole", async () => {
        const { error } = only(await project.rotate(["sole"]));
        assert.match(error?.message ?? "", /may not alter the role it_sole/);
        assert.match(error?.hint ?? "", /^(GRANT "it_sole" TO|ALTER ROLE) "rotator"/);
        await asSuperuser(error?.hint ?? "");
      });
    }
  });

  it("a server that does not answer is named, and nothing is written", async () => {
    project.declare([alternating(), single({ port: 1 })]);
    await untouched("sole", async () => {
      const { error } = only(await project.rotate(["sole"]));
      assert.ok(error);
      assert.ok(["DATABASE_FAILED", "DATABASE_MISMATCH"].includes(error.code), error.message);
    });
    project.declare([alternating(), single()]);
  });

  it("the server's log has verifiers, never a password", async () => {
    await asSuperuser("ALTER ROLE rotator SET log_statement = 'all'");
    const offset = statSync(log).size;
    assert.equal(only(await project.rotate(["sole"])).outcome, "rotated");
    await asSuperuser("ALTER ROLE rotator SET log_statement = 'none'");
    const logged = readFileSync(log).subarray(offset).toString("utf8");
    assert.match(logged, /\$1 = 'it_sole', \$2 = 'SCRAM-SHA-256\$4096:/);
    assert.ok(!logged.includes((await credential("sole")).password));
  });
});
