import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import type { Privileges } from "./privileges";
import { scramVerifier } from "./scram";
import { begin } from "./statements";

/** Statements about roles, as the superuser's session runs them. Names are quoted as identifiers, never pasted. */

export interface RoleFacts extends Privileges {
  /** Whether the session's role may end its sessions, and sees when they were begun. */
  readonly endable: boolean;
  /** Without the driver's own. */
  readonly sessions: number;
  /** The application names of these sessions. */
  readonly applications: string;
}

/** A pooler keeps the connection of the driver's last login for a while: nobody lives by it. */
const ofOthers = "usename = $1 AND application_name IS DISTINCT FROM 'secret-rotation'";

export async function roleFacts(session: Session, role: string): Promise<RoleFacts> {
  const [facts] = await session.query<RoleFacts>(
    `SELECT r.oid IS NOT NULL AS exists,
            coalesce(r.rolsuper, false) AS "isSuperuser", coalesce(r.rolreplication, false) AS "isReplication",
            coalesce(r.oid = me.oid, false) AS "isMe",
            me.rolname AS me, me.rolsuper AS "iAmSuperuser", me.rolcreaterole AS "iCreateRoles",
            coalesce(pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'), false) AS "iAmAdmin",
            current_setting('server_version_num')::int >= 160000 AS "asksAdmin",
            coalesce(pg_has_role(me.oid, r.oid, 'USAGE'), false)
              OR (pg_has_role(me.oid, 'pg_signal_backend', 'USAGE') AND pg_has_role(me.oid, 'pg_read_all_stats', 'USAGE'))
              AS endable,
            (SELECT count(*)::int FROM pg_stat_activity WHERE ${ofOthers}) AS sessions,
            (SELECT coalesce(string_agg(DISTINCT application_name, ', '), '') FROM pg_stat_activity WHERE ${ofOthers})
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

/**
 * Its text is all that a server's log has of it, also when it fails: the verifier comes by a setting of the transaction,
 * and the inner statement is kept out of the error's context. Of itself a role may change the password, and nothing else.
 */
const alterRole = `DO $$ BEGIN
  EXECUTE format('ALTER ROLE %I %s PASSWORD %L', current_setting('secret_rotation.role'),
    CASE WHEN current_setting('secret_rotation.role') <> current_user THEN 'LOGIN' END,
    current_setting('secret_rotation.verifier'));
EXCEPTION WHEN query_canceled OR others THEN
  RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
END $$`;

/** Within a transaction. */
async function alterPassword(session: Session, role: string, { password, salt }: NewPassword): Promise<void> {
  await session.query(
    "SELECT set_config('secret_rotation.role', $1, true), set_config('secret_rotation.verifier', $2, true)",
    [role, scramVerifier(password, salt)],
  );
  await session.query(alterRole);
}

/**
 * Gives a role a password, in one transaction with what else has to be so from then on.
 *
 * @param work.before  before the role gets it: the role may be made here
 * @param work.after  whoever else alters the role has to wait until the end
 */
export async function setPassword(
  session: Session,
  role: string,
  to: NewPassword,
  work: { before?: () => Promise<void>; after: () => Promise<void> },
): Promise<void> {
  await session.query(begin);
  await work.before?.();
  await alterPassword(session, role, to);
  await work.after();
  await session.query("COMMIT");
}

/** The server's time, in a form that it reads again. */
export async function serverTime(session: Session): Promise<string> {
  const [row] = await session.query<{ now: string }>("SELECT clock_timestamp()::text AS now");
  return row?.now ?? "infinity";
}

/**
 * From here on nobody logs in as the role, until it gets a password again. NOLOGIN too: it also refuses a login that is
 * half-way, with the password checked against what was valid when it began.
 */
export async function disableRole(session: Session, role: string): Promise<void> {
  await session.query(`${begin}; ALTER ROLE ${escapeIdentifier(role)} NOLOGIN PASSWORD NULL; COMMIT`);
}

/**
 * Tells the role's sessions that were begun before a time of the server to end.
 *
 * @returns how many there still were
 */
export async function endSessions(session: Session, role: string, begunBefore: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    `SELECT count(pg_terminate_backend(pid))::int AS count FROM pg_stat_activity
      WHERE usename = $1 AND coalesce(backend_start < $2::timestamptz, true)`,
    [role, begunBefore],
  );
  return row?.count ?? 0;
}
