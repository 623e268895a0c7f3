import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import type { ErrorCode } from "../../rotation/errors";
import { realPorts } from "../../rotation/ports";
import type { Step } from "../../rotation/steps";
import { region } from "../integration/project";
import { asSuperuser } from "../sandbox/testing/superuser";
import type { FaultProject } from "./faultProject";
import { connecting, type PostgresProxy, refusals } from "./postgresProxy";

export const stack = "faults-db";

/** What a case has to break, and what mends it; each has a server address and roles of its own. */
export interface Setting {
  readonly proxy: PostgresProxy;
  readonly project: FaultProject;
  readonly name: string;
}
export type Undo = () => unknown;

export interface Case {
  readonly strategy: "alternating-users" | "single-user";
  readonly probeSql?: string;
  /** Begins with this step; default: before the run. */
  readonly from?: Step;
  readonly begin: (setting: Setting) => Promise<Undo | undefined>;
  /** Undefined: it goes well all the same. */
  readonly fails?: { readonly at: Step; readonly code: ErrorCode; readonly says: RegExp; readonly hint: RegExp };
}

const isUp = /see whether 127\.0\.0\.1:\d+ is up and lets the driver in, then run the same command again/;
const down = async ({ proxy }: Setting) => proxy.down() as undefined;
const refused = (at: Step) => ({ at, code: "DATABASE_FAILED", says: /ECONNREFUSED/, hint: isUp }) as const;

export const cases = {
  "down-at-check": { strategy: "single-user", begin: down, fails: refused("check") },
  "down-at-set": { strategy: "alternating-users", from: "set", begin: down, fails: refused("set") },
  "down-at-test": { strategy: "alternating-users", from: "test", begin: down, fails: refused("test") },
  "too-many-clients": {
    strategy: "alternating-users",
    begin: async ({ proxy }) => void proxy.fault({ sql: connecting }, refusals.tooMany),
    fails: {
      at: "check",
      code: "DATABASE_FAILED",
      says: /53300: sorry, too many clients already/,
      hint: /wait until sessions have ended, or raise the limit \(max_connections\), then run the same command again/,
    },
  },
  "starting-up": {
    strategy: "alternating-users",
    from: "test",
    begin: async ({ proxy }) => void proxy.fault({ sql: connecting }, refusals.starting),
    fails: {
      at: "test",
      code: "DATABASE_FAILED",
      says: /57P03: the database system is starting up/,
      hint: /wait until the server has started, then run the same command again/,
    },
  },
  "commit-cut": {
    strategy: "single-user",
    begin: async ({ proxy }) => void proxy.fault({ sql: /COMMIT/ }, "cut"),
    fails: { at: "set", code: "DATABASE_FAILED", says: /terminated unexpectedly/, hint: isUp },
  },
  "commit-unknown": {
    strategy: "single-user",
    begin: async ({ proxy }) => void proxy.fault({ sql: /COMMIT/ }, "loseAnswer"),
  },
  "commit-unknown-then-down": {
    strategy: "alternating-users",
    async begin({ proxy }) {
      // Before the answer: what the server has got is done, and nobody is let in to ask.
      const lost = proxy.fault({ sql: /COMMIT/ }, "loseAnswer");
      void lost.reached.then(() => proxy.fault({ sql: connecting }, refusals.starting));
      return undefined;
    },
    fails: { at: "set", code: "DATABASE_FAILED", says: /terminated unexpectedly/, hint: isUp },
  },
  "privilege-missing": {
    strategy: "alternating-users",
    probeSql: "SELECT 1 FROM faults.locked",
    from: "set",
    async begin() {
      await asSuperuser("REVOKE SELECT ON faults.locked FROM f_group");
      return () => asSuperuser("GRANT SELECT ON faults.locked TO f_group");
    },
    fails: {
      at: "test",
      code: "PROBE_FAILED",
      says: /permission denied for table locked/,
      hint: /grant the role what/,
    },
  },
  "another-role": {
    strategy: "single-user",
    begin: (setting) => instead(setting, { username: "postgres" }),
    fails: {
      at: "check",
      code: "DATABASE_MISMATCH",
      says: /is for postgres@127\.0\.0\.1:\d+\/shop, declared is f_another_role@/,
      hint: /correct the stack's database section/,
    },
  },
  "another-server": {
    strategy: "single-user",
    begin: (setting) => instead(setting, { host: "db.elsewhere" }),
    fails: {
      at: "check",
      code: "DATABASE_MISMATCH",
      says: /is for f_another_server@db\.elsewhere/,
      hint: /correct the stack's database section/,
    },
  },
  "still-in-use": {
    strategy: "alternating-users",
    async begin({ project, name }) {
      const { previous, current, value } = await project.live(name);
      const used = JSON.parse((await value(previous ?? current)) ?? "{}") as Credential;
      const service = new Client({ ...used, user: used.username, database: used.dbname, application_name: "checkout" });
      // It may be cut off with its proxy.
      service.on("error", () => undefined);
      await service.connect();
      return () => service.end();
    },
    fails: {
      at: "check",
      code: "ROLE_IN_USE",
      says: /f_still_in_use_[ab], whose password is next, still has 1 sessions \(checkout\)/,
      hint: /restart it, or declare it as a consumer/,
    },
  },
  "altered-by-another": {
    strategy: "single-user",
    begin: ({ name }) => alterMeanwhile(roleOf(name)),
    fails: { at: "set", code: "DATABASE_FAILED", says: /tuple concurrently updated/, hint: isUp },
  },
} satisfies Record<string, Case>;
export const table: [string, Case][] = Object.entries(cases);
export const names = ["well", ...Object.keys(cases)];

export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly dbname: string;
  readonly host: string;
  readonly port: number;
}

export function roleOf(name: string): string {
  return `f_${name.replaceAll("-", "_")}`;
}

export async function makeRoles(): Promise<void> {
  const admin = "TO rotator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE";
  const single = table.filter(([, { strategy }]) => strategy === "single-user").map(([name]) => roleOf(name));
  await asSuperuser(`CREATE ROLE f_group NOLOGIN; GRANT CONNECT ON DATABASE shop TO f_group; GRANT f_group ${admin};
    CREATE SCHEMA faults; CREATE TABLE faults.locked (); GRANT USAGE ON SCHEMA faults TO f_group;
    GRANT SELECT ON faults.locked TO f_group;
    ${single.map((role) => `CREATE ROLE ${role} LOGIN; GRANT CONNECT ON DATABASE shop TO ${role}; GRANT ${role} ${admin}`).join(";")}`);
}

/** Someone makes another credential current by hand. */
async function instead({ project, name }: Setting, change: Partial<Credential>): Promise<Undo> {
  const { current: right = "", value } = await project.live(name);
  const SecretString = JSON.stringify({ ...(JSON.parse((await value(right)) ?? "{}") as Credential), ...change });
  const [SecretId, wrong] = [`${stack}/${name}`, randomUUID()];
  await new SecretsManagerClient({ region }).send(
    new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: wrong, VersionStages: ["BY_HAND"] }),
  );
  const { moveCurrent } = realPorts({ region }).secretsManager;
  await moveCurrent(SecretId, { from: right, to: wrong });
  return () => moveCurrent(SecretId, { from: wrong, to: right });
}

/** Someone alters the role, and commits when the driver's own statement waits for that. */
async function alterMeanwhile(role: string): Promise<undefined> {
  const [other, watch] = [new Client(), new Client()];
  for (const client of [other, watch]) client.on("error", () => undefined);
  await Promise.all([other.connect(), watch.connect()]);
  await other.query(`BEGIN; ALTER ROLE ${role} CONNECTION LIMIT 50`);
  const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'rotator'";
  void (async () => {
    while ((await watch.query(waits)).rowCount === 0) await delay(20);
    await other.query("COMMIT");
    await Promise.all([other.end(), watch.end()]);
  })();
}
