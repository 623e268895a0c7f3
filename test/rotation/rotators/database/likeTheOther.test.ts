import assert from "node:assert/strict";
import type { KnownRole, Membership, RoleSetting } from "../../../../rotation/rotators/database/knownRoles";
import { beyond, statementsOf } from "../../../../rotation/rotators/database/likeTheOther";
import { settingValue } from "../../../../rotation/rotators/database/settingSql";

const member = (role: string, more: Partial<Membership> = {}): Membership => ({
  ...{ role, admin: false, inherit: true, set: true, connects: true },
  ...more,
});
const setting = (name: string, value: string, database: string | null = null): RoleSetting => ({
  database,
  name,
  value,
});
const base: KnownRole = {
  ...{ name: "a", canLogin: true, isSuperuser: false, isReplication: false, isMe: false, me: "rotator" },
  ...{ iAmSuperuser: false, iCreateRoles: true, iAmAdmin: true, asksAdmin: true },
  attributes: {
    superuser: false,
    inherit: true,
    createDb: false,
    createRole: false,
    replication: false,
    bypassRls: false,
  },
  ...{ connectionLimit: -1, sessions: 0, validUntil: null, isExpired: false, endsSoon: false, connects: true },
  ...{ comment: null, settings: [setting("role", "g")], memberships: [member("g")], own: { count: 0, some: [] } },
};
const make = (like: Partial<KnownRole>, now: Partial<KnownRole> = {}, version = 160000) =>
  statementsOf({
    ...{ role: "b", group: "g", me: "rotator", version },
    ...{ like: { ...base, ...like }, now: { ...base, name: "b", ...now } },
  }).map(({ sql }) => sql);

describe("what makes a role like another one", () => {
  it("is nothing where they are alike", () => assert.deepEqual(make({}), []));

  it("is one statement for each difference, and takes back what only the second one has", () => {
    assert.deepEqual(
      make(
        { settings: [setting("role", "g"), setting("work_mem", "8MB", "shop")], connectionLimit: 7 },
        {
          settings: [setting("role", "g"), setting("work_mem", "4MB", "shop"), setting("app.tenant", "x")],
          attributes: { ...base.attributes, inherit: false, createDb: true },
          validUntil: "2030-01-01T00:00:00.000000Z",
        },
      ),
      [
        'ALTER ROLE "b" INHERIT',
        'ALTER ROLE "b" NOCREATEDB',
        'ALTER ROLE "b" CONNECTION LIMIT 7',
        `ALTER ROLE "b" VALID UNTIL 'infinity'`,
        'ALTER ROLE "b" RESET "app"."tenant"',
        `ALTER ROLE "b" IN DATABASE "shop" SET "work_mem" TO '8MB'`,
      ],
    );
  });

  it("has memberships in the syntax of the server's version, and takes no option away", () => {
    const like = { memberships: [member("g"), member("x", { admin: true, inherit: false }), member("b")] };
    const now = { memberships: [member("g", { set: false }), member("x")] };
    assert.deepEqual(make(like, now), [
      'GRANT "g" TO "b" WITH ADMIN FALSE, INHERIT TRUE, SET TRUE',
      'GRANT "x" TO "b" WITH ADMIN TRUE, INHERIT TRUE, SET TRUE',
    ]);
    const older = {
      memberships: [member("g", { inherit: null, set: null }), member("x", { inherit: null, set: null })],
    };
    assert.deepEqual(make(like, older, 150000), ['GRANT "x" TO "b" WITH ADMIN OPTION']);
  });

  it("names memberships that only the second one has, and leaves them", () => {
    const now = { ...base, name: "b", memberships: [member("g"), member("payroll")] };
    const pair = { role: "b", group: "g", me: "rotator", version: 160000, like: base, now };
    assert.deepEqual([statementsOf(pair), beyond(pair)], [[], ['REVOKE "payroll" FROM "b"']]);
  });

  it("creates a role that is missing, in its group and acting as it", () => {
    const pair = { role: "b", group: "g", me: "rotator", version: 160000, like: undefined, now: undefined };
    const sql = statementsOf(pair).map((one) => one.sql);
    assert.deepEqual(sql, ['CREATE ROLE "b" LOGIN IN ROLE "g"', `ALTER ROLE "b" SET role = 'g'`]);
  });

  for (const [value, literal] of [
    ['"$user", public', "'$user', 'public'"],
    ['"a, ""b""", c', `'a, "b"', 'c'`],
    ['""', "''"],
    ["", "''"],
  ] as const)
    it(`a list of names stays one: ${value || "empty"}`, () =>
      assert.equal(settingValue({ name: "search_path", value }), literal));

  it("any other setting is one text, with whatever is in it", () => {
    assert.equal(settingValue({ name: "app.motd", value: 'it\'s "a", b\\c' }), ` E'it''s "a", b\\\\c'`);
  });
});
