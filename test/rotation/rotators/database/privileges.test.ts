import assert from "node:assert/strict";
import { RotationError } from "../../../../rotation/errors";
import { checkAlterable, checkGrantable, type Privileges } from "../../../../rotation/rotators/database/privileges";
import { context } from "../../context";

const secret = context({});
const none: Privileges = {
  ...{ exists: true, isSuperuser: false, isReplication: false, isMe: false, me: "rotator" },
  ...{ iAmSuperuser: false, iCreateRoles: false, iAmAdmin: false, asksAdmin: true },
};
const before16 = { asksAdmin: false };
const [creates, admin] = [{ iCreateRoles: true }, { iAmAdmin: true }];
const createRole = 'ALTER ROLE "rotator" CREATEROLE';
const grant = 'GRANT "app" TO "rotator" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
const demote = 'ALTER ROLE "app" NOSUPERUSER: only superusers alter superusers';
const noReplication =
  'ALTER ROLE "app" NOREPLICATION: before PostgreSQL 16 only superusers alter a role with REPLICATION';

function cureOf(check: typeof checkAlterable, facts: Partial<Privileges>): string | undefined {
  try {
    check(secret, "check", "app", { ...none, ...facts });
  } catch (error) {
    assert.ok(error instanceof RotationError);
    return error.hint;
  }
  return undefined;
}

describe("what the superuser's secret may do to a role", () => {
  const cases: [string, Partial<Privileges>, string | undefined, string | undefined][] = [
    ["nothing", {}, `${createRole}; ${grant}`, grant],
    ["the admin option alone", admin, createRole, undefined],
    ["CREATEROLE alone", creates, grant, grant],
    ["both", { ...creates, ...admin }, undefined, undefined],
    ["nothing, before PostgreSQL 16", before16, createRole, createRole],
    ["the admin option alone, before PostgreSQL 16", { ...before16, ...admin }, createRole, undefined],
    ["CREATEROLE alone, before PostgreSQL 16", { ...before16, ...creates }, undefined, undefined],
    ["both, of a superuser", { ...creates, ...admin, isSuperuser: true }, demote, demote],
    [
      "nothing, of itself",
      { isMe: true },
      undefined,
      "name another one as database.groupRole, or another secret as database.superuserSecret",
    ],
    [
      "CREATEROLE, of REPLICATION before 16",
      { ...before16, ...creates, isReplication: true },
      noReplication,
      noReplication,
    ],
    ["a superuser's", { iAmSuperuser: true, isSuperuser: true }, undefined, undefined],
  ];
  for (const [what, facts, toAlter, toGrant] of cases) {
    it(`${what}: says what is missing, in statements of the server's version`, () => {
      assert.deepEqual([cureOf(checkAlterable, facts), cureOf(checkGrantable, facts)], [toAlter, toGrant]);
    });
  }

  it("a role that is missing takes CREATEROLE alone", () => {
    const missing = { exists: false };
    assert.equal(cureOf(checkAlterable, { ...missing, ...creates }), undefined);
    assert.equal(cureOf(checkAlterable, { ...missing, ...before16 }), createRole);
  });
});
