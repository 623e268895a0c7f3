import { escapeIdentifier } from "pg";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../strategy";

/** What a server says of a role that is to be altered or handed out, and of the one that is to do it. */
export interface Privileges {
  readonly exists: boolean;
  readonly isSuperuser: boolean;
  /** The session's role. */
  readonly me: string;
  readonly iAmSuperuser: boolean;
  readonly iCreateRoles: boolean;
  /** Whether the session's role has the admin option on it. */
  readonly iAmAdmin: boolean;
  /** PostgreSQL 16 and later: CREATEROLE is not enough for roles of others. */
  readonly asksAdmin: boolean;
}

/** @throws {DATABASE_FAILED} when the superuser's secret may not alter a role, or create it where it is missing */
export function checkAlterable(context: StrategyContext, step: Step, role: string, facts: Privileges): void {
  const { exists, iCreateRoles, iAmAdmin, asksAdmin } = facts;
  const cure = cureOf(role, facts, { createRoles: !iCreateRoles, admin: exists && asksAdmin && !iAmAdmin });
  if (cure === undefined) return;
  const message = `the superuser's secret may not ${exists ? "alter" : "create"} the role ${role}`;
  throw failure(context, step, "DATABASE_FAILED", message, { hint: cure });
}

/** @throws {DATABASE_FAILED} when the superuser's secret may not make others members of a role */
export function checkGrantable(context: StrategyContext, step: Step, role: string, facts: Privileges): void {
  const { iCreateRoles, iAmAdmin, asksAdmin } = facts;
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
  const statements = [
    ...(missing.createRoles ? [`ALTER ROLE ${me} CREATEROLE`] : []),
    ...(missing.admin ? [`GRANT ${name} TO ${me} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`] : []),
  ];
  return statements.length === 0 ? undefined : statements.join("; ");
}
