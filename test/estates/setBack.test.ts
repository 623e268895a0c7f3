import assert from "node:assert/strict";
import { realPorts } from "../../rotation/ports";
import { type Postgres, postgres } from "../../rotation/ports/postgres";
import type { SecretsManager } from "../../rotation/ports/secretsManager";
import { type FaultProject, faultProject, resultOf } from "../faults/faultProject";
import { isRefused, logsIn } from "../integration/postgres";
import { only, region } from "../integration/project";
import { workloads } from "../integration/workloads";
import { asSuperuser } from "../sandbox/testing/superuser";

const stack = "est-setback";
const admin = "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE";

/** By secret: what somebody does just after its role has got the new password. */
const breaks = {
  probe: (role: string) => `REVOKE SELECT ON setback.needed FROM ${role}`,
  stuck: (role: string) => `REVOKE SELECT ON setback.needed FROM ${role}; REVOKE ${role} FROM rotator`,
  connect: (role: string) => `REVOKE CONNECT ON DATABASE shop FROM ${role}`,
  first: (role: string) => `REVOKE SELECT ON setback.needed FROM ${role}`,
} as const;
const undo = (role: string) =>
  `GRANT SELECT ON setback.needed TO ${role}; GRANT CONNECT ON DATABASE shop TO ${role}; GRANT ${role} TO rotator ${admin}`;
const names = [...Object.keys(breaks), "full", "lost", "unread"];
const roleOf = (name: string) => `sb_${name}`;

describe("a rotation that fails after the one password was set", function () {
  this.timeout(180_000);
  let project: FaultProject;
  const manager = realPorts({ region }).secretsManager;
  const current = async (name: string) => {
    const { current: id, value } = await project.live(name);
    return value(id);
  };
  const pending = async (name: string) => {
    const { pending: id, value } = await project.live(name);
    return value(id);
  };

  /** The real port, and somebody who does this as soon as a role's new password is committed. */
  const meanwhile = (then: (role: string) => Promise<unknown>): Postgres => {
    const done = new Set<string>();
    return {
      ...postgres,
      async as(login, work) {
        let role: string | undefined;
        const result = await postgres.as(login, (session) =>
          work({
            ...session,
            async query(sql, parameters) {
              if (sql.includes("secret_rotation.role'")) role ??= parameters?.[0] as string | undefined;
              return session.query(sql, parameters);
            },
          }),
        );
        if (role !== undefined && !done.has(role)) await then(role).finally(() => done.add(role ?? ""));
        return result;
      },
    };
  };
  const breaking = meanwhile(async (role) => {
    const name = role.slice("sb_".length);
    if (name in breaks) await asSuperuser(breaks[name as keyof typeof breaks](role));
    if (name === "full") {
      await asSuperuser(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
      setTimeout(() => void asSuperuser(`ALTER ROLE ${role} CONNECTION LIMIT -1`), 1500);
    }
  });

  before(async () => {
    project = await faultProject(stack);
    await workloads().createNamespace(stack);
    const roles = names.map(roleOf);
    await asSuperuser(`CREATE SCHEMA setback; CREATE TABLE setback.needed ();
      ${roles.map((role) => `CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA setback TO ${role}; ${undo(role)}`).join(";")}`);
    project.declare(names.map(declaration));
    await project.up();
    const known = names.filter((name) => name !== "first");
    const { secrets } = await project.rotate(known);
    for (const { error } of secrets) assert.equal(error?.message, undefined);
  });
  after(() => project.remove());

  it("is set back to the current one, and says of each what was seen", async () => {
    const some = [...Object.keys(breaks), "full"];
    const run = await project.rotate(some, { ports: { postgres: breaking } });
    const of = (name: string) => {
      const { error } = resultOf(run, name);
      return { step: error?.step, code: error?.code, message: error?.message ?? "", hint: error?.hint ?? "" };
    };

    // The probe fails: services go on with what they have.
    assert.deepEqual([of("probe").step, of("probe").code], ["test", "PROBE_FAILED"]);
    assert.match(of("probe").message, /denied for table needed; sb_probe was set back .*, and has logged in with it/);
    await logsIn(await current("probe"));
    await isRefused(await pending("probe"));

    // It cannot be set back: both failures are named, and which password is the server's.
    assert.match(of("stuck").message, /denied for table needed; setting the role back failed: .*permission denied/);
    assert.match(of("stuck").message, /the new password is accepted/);
    assert.match(of("stuck").hint, /run the same command again.*--emergency/);
    await isRefused(await current("stuck"));
    await logsIn(await pending("stuck"));

    // What comes after the password is no word on it.
    assert.deepEqual([of("connect").step, of("connect").code], ["test", "DATABASE_FAILED"]);
    assert.match(
      of("connect").message,
      /42501: .*; sb_connect was set back .*; the server takes it, and does not let in/,
    );
    assert.match(of("connect").hint, /GRANT CONNECT ON DATABASE "shop" TO "sb_connect"/);

    // There was none before.
    assert.match(of("first").message, /there is no version before this one, so nothing could be set back/);

    // A server that is full for a moment ends nothing.
    assert.equal(resultOf(run, "full").error?.message, undefined);
    await logsIn(await current("full"));
  });

  it("has no rollback then: nothing in use was changed", async () => {
    const { error } = only(await project.rotate(["probe"], { rollback: { to: undefined } }));
    assert.equal(error?.code, "NOTHING_TO_ROLL_BACK");
    await logsIn(await current("probe"));
  });

  it("goes on with the same version by the same command", async () => {
    const some = Object.keys(breaks);
    await asSuperuser(some.map((name) => undo(roleOf(name))).join(";"));
    const versions = await Promise.all(some.map(async (name) => (await project.live(name)).pending));
    const run = await project.rotate(some);
    assert.deepEqual(
      run.secrets.map(({ error, newVersionId }) => error?.message ?? newVersionId),
      versions,
    );
    for (const name of some) await logsIn(await current(name));
  });

  it("is not set back where AWSCURRENT has moved, though the answer was lost", async () => {
    const secretsManager: SecretsManager = {
      ...manager,
      async moveCurrent(...move) {
        await manager.moveCurrent(...move);
        throw new Error("the answer is lost");
      },
    };
    const { error } = only(await project.rotate(["lost"], { ports: { secretsManager } }));
    assert.match(error?.message ?? "", /the answer is lost; AWSCURRENT is on the new version, so nothing was set back/);
    await logsIn(await current("lost"));
    assert.equal(only(await project.rotate(["lost"])).outcome, "resumed");
  });

  it("is not touched where nobody can tell; a run that goes on with it, and fails, sets it back", async () => {
    let isDown = false;
    const secretsManager: SecretsManager = {
      ...manager,
      async describe(name) {
        if (isDown) throw new Error("AWS is not reached");
        return manager.describe(name);
      },
      async moveCurrent() {
        isDown = true;
        throw new Error("AWS is not reached");
      },
    };
    const { error } = only(await project.rotate(["unread"], { ports: { secretsManager } }));
    assert.match(error?.message ?? "", /whether AWSCURRENT has moved is not known .*, so nothing was set back/);
    await logsIn(await pending("unread"));
    await asSuperuser("REVOKE SELECT ON setback.needed FROM sb_unread");
    const again = only(await project.rotate(["unread"]));
    assert.match(again.error?.message ?? "", /denied for table needed; sb_unread was set back/);
    await logsIn(await current("unread"));
    await asSuperuser(undo("sb_unread"));
    assert.equal(only(await project.rotate(["unread"])).outcome, "resumed");
    await logsIn(await current("unread"));
  });

  it("is not set back in an emergency, and says so", async () => {
    const { error } = only(await project.rotate(["probe"], { ports: { postgres: breakingAgain() }, emergency: true }));
    assert.match(error?.message ?? "", /nothing was set back, since the current credential is taken for compromised/);
    await logsIn(await pending("probe"));
    await asSuperuser(undo("sb_probe"));
    assert.equal(only(await project.rotate(["probe"])).outcome, "resumed");
  });

  function breakingAgain(): Postgres {
    return meanwhile((role) => asSuperuser(breaks.probe(role)));
  }

  function declaration(name: string) {
    return {
      name,
      kind: "database",
      strategy: "single-user",
      externalSecret: {
        target: name,
        keys: ["username", "password"].map((key) => ({ key, property: key })),
        namespaces: [stack],
      },
      database: {
        dbname: "shop",
        superuserSecret: "dev/postgres/superuser",
        tls: "disable",
        roles: [roleOf(name)],
        adopt: true,
        probeSql: "SELECT 1 FROM setback.needed",
      },
    };
  }
});
