import { escapeIdentifier } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";

/** What a server says of a role that is to be altered or handed out, and of the one that is to do it. */
export interface Privileges {
  readonly exists: boolean;
  readonly isSuperuser: boolean;
  readonly isReplication: boolean;
  /** Whether it is the session's role itself. */
  readonly isMe: boolean;
  /** The session's role. */
  readonly me: string;
  readonly iAmSuperuser: boolean;
  readonly iCreateRoles: boolean;
  /** Whether the session's role has the admin option on it. */
  readonly iAmAdmin: boolean;
  /** PostgreSQL 16 and later: CREATEROLE is not enough for roles of others. */
  readonly asksAdmin: boolean;
}

/**
 * Every role may change its own password, and needs no admin option on itself, which there is none of.
 *
 * @throws {DATABASE_FAILED} when the superuser's secret may not alter a role, or create it where it is missing
 */
export function checkAlterable(context: StrategyContext, step: Step, role: string, facts: Privileges): void {
  const { exists, isMe, iCreateRoles, iAmAdmin, asksAdmin } = facts;
  const missing = { createRoles: !isMe && !iCreateRoles, admin: !isMe && exists && asksAdmin && !iAmAdmin };
  const cure = cureOf(role, facts, missing);
  if (cure === undefined) return;
  const message = `the superuser's secret may not ${exists ? "alter" : "create"} the role ${role}`;
  throw failure(context, step, "DATABASE_FAILED", message, { hint: cure });
}

/** @throws {DATABASE_FAILED} when the superuser's secret may not make others members of a role */
export function checkGrantable(context: StrategyContext, step: Step, role: string, facts: Privileges): void {
  const { isMe, iAmSuperuser, iCreateRoles, iAmAdmin, asksAdmin } = facts;
  // Nobody is a member of himself.
  if (isMe && !iAmSuperuser) {
    const message = `the group role ${role} is the role of the superuser's secret itself`;
    const hint = "name another one as database.groupRole, or another secret as database.superuserSecret";
    throw failure(context, step, "DATABASE_FAILED", message, { hint });
  }
  const createRoles = !asksAdmin && !iCreateRoles && !iAmAdmin;
  const cure = cureOf(role, facts, { createRoles, admin: asksAdmin && !iAmAdmin });
  if (cure === undefined) return;
  const message = `the superuser's secret may not grant the group role ${role}`;
  throw failure(context, step, "DATABASE_FAILED", message, { hint: cure });
}

/**
 * Statements of a superuser, in the syntax of the server's version; undefined: nothing is missing.
 *
 * @see https://www.postgresql.org/docs/16/release-16.html#RELEASE-16-MIGRATION
 */
function cureOf(
  role: string,
  facts: Privileges,
  missing: { createRoles: boolean; admin: boolean },
): string | undefined {
  const [name, me] = [escapeIdentifier(role), escapeIdentifier(facts.me)];
  if (facts.iAmSuperuser) return undefined;
  if (facts.isSuperuser) return `ALTER ROLE ${name} NOSUPERUSER: only superusers alter superusers`;
  if (facts.isReplication && !facts.asksAdmin)
    return `ALTER ROLE ${name} NOREPLICATION: before PostgreSQL 16 only superusers alter a role with REPLICATION`;
  const statements = [
    ...(missing.createRoles ? [`ALTER ROLE ${me} CREATEROLE`] : []),
    ...(missing.admin ? [`GRANT ${name} TO ${me} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`] : []),
  ];
  return statements.length === 0 ? undefined : statements.join("; ");
}
