import { escapeIdentifier, escapeLiteral } from "pg";
import type { Session } from "../../ports/postgres";
import { scramVerifier } from "./scram";

/** Statements about roles, as the superuser's session runs them. Names are quoted as identifiers, never pasted. */

export interface RoleFacts {
  readonly exists: boolean;
  /** Whether the session's role may alter it. */
  readonly alterable: boolean;
  readonly sessions: number;
  /** The application names of these sessions. */
  readonly applications: string;
}

export async function roleFacts(session: Session, role: string): Promise<RoleFacts> {
  const [facts] = await session.query<RoleFacts>(
    `SELECT r.oid IS NOT NULL AS exists,
            coalesce(me.rolsuper OR pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'), me.rolcreaterole) AS alterable,
            (SELECT count(*)::int FROM pg_stat_activity WHERE usename = $1) AS sessions,
            (SELECT coalesce(string_agg(DISTINCT application_name, ', '), '') FROM pg_stat_activity WHERE usename = $1)
              AS applications
       FROM pg_roles me LEFT JOIN pg_roles r ON r.rolname = $1
      WHERE me.rolname = current_user`,
    [role],
  );
  if (!facts) throw new Error("pg_roles does not list the current user");
  return facts;
}

/** A password, and the salt that its verifier gets. */
export interface NewPassword {
  readonly password: string;
  readonly salt: Buffer;
}

export async function setPassword(session: Session, role: string, { password, salt }: NewPassword): Promise<void> {
  const verifier = escapeLiteral(scramVerifier(password, salt));
  await session.query(`ALTER ROLE ${escapeIdentifier(role)} LOGIN PASSWORD ${verifier}`);
}

/** Creates a login role, or alters it, that acts as the group role: whatever it makes belongs to the group. */
export async function setPasswordInGroup(
  session: Session,
  role: string,
  group: string,
  to: NewPassword,
): Promise<void> {
  const [name, groupName] = [escapeIdentifier(role), escapeIdentifier(group)];
  await session.query("BEGIN");
  const { exists } = await roleFacts(session, role);
  if (!exists) await session.query(`CREATE ROLE ${name} LOGIN IN ROLE ${groupName}`);
  await setPassword(session, role, to);
  if (exists && !(await isMember(session, role, group))) await session.query(`GRANT ${groupName} TO ${name}`);
  await session.query(`ALTER ROLE ${name} SET role = ${escapeLiteral(group)}`);
  await session.query("COMMIT");
}

async function isMember(session: Session, role: string, group: string): Promise<boolean> {
  const [row] = await session.query<{ member: boolean }>("SELECT pg_has_role($1, $2, 'MEMBER') AS member", [
    role,
    group,
  ]);
  return row?.member === true;
}
