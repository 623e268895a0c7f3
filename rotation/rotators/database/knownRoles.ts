import type { Session } from "../../ports/postgres";
import type { Privileges } from "./privileges";

/** What a server says of roles before anything is changed. All of it may be read by every role, also on RDS. */

export interface KnownServer {
  /** `server_version_num`, e.g. 160004. */
  readonly version: number;
  readonly database: string;
  /** Of connections to the database; -1: none. */
  readonly databaseLimit: number;
  /** Without those of the driver itself, as a role's. */
  readonly databaseSessions: number;
  /** Those that were asked for and exist. */
  readonly roles: readonly KnownRole[];
}

export interface KnownRole extends Omit<Privileges, "exists"> {
  readonly name: string;
  readonly canLogin: boolean;
  readonly attributes: Attributes;
  /** -1: none. */
  readonly connectionLimit: number;
  readonly sessions: number;
  /** ISO 8601; null: without end. */
  readonly validUntil: string | null;
  /** By the server's clock. */
  readonly isExpired: boolean;
  /** Its password ends before the days that were asked for are over. */
  readonly endsSoon: boolean;
  /** Whether it has CONNECT on the database, by itself or by a role that it inherits from. */
  readonly connects: boolean;
  readonly comment: string | null;
  /** Of ALTER ROLE … SET. */
  readonly settings: readonly RoleSetting[];
  /** The roles that it is a member of, directly. */
  readonly memberships: readonly Membership[];
  /** Objects that it owns or was granted something on, and the group role was not; databases do not count. */
  readonly own: { readonly count: number; readonly some: readonly string[] };
}

export interface Attributes {
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly createDb: boolean;
  readonly createRole: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
}

export interface RoleSetting {
  /** Null: in every database. */
  readonly database: string | null;
  readonly name: string;
  /** As the catalogue keeps it: lists are flattened. It may be confidential. */
  readonly value: string;
}

export interface Membership {
  readonly role: string;
  readonly admin: boolean;
  /** Null before PostgreSQL 16, as `set`. */
  readonly inherit: boolean | null;
  readonly set: boolean | null;
  /** Whether the role has CONNECT on the database. */
  readonly connects: boolean;
}

/** The columns that came with PostgreSQL 16 are asked for by name, so that older servers answer null. */
const membershipsOf = `
  SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.role), '[]') FROM (
    SELECT g.rolname AS role, bool_or(a.admin_option) AS admin,
           bool_or((to_jsonb(a) ->> 'inherit_option')::boolean) AS inherit,
           bool_or((to_jsonb(a) ->> 'set_option')::boolean) AS set,
           bool_or(has_database_privilege(g.oid, here.oid, 'CONNECT')) AS connects
      FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid WHERE a.member = r.oid GROUP BY g.rolname) m`;

const settingsOf = `
  SELECT coalesce(jsonb_agg(jsonb_build_object('database', db.datname, 'name', split_part(s, '=', 1),
                  'value', substr(s, strpos(s, '=') + 1)) ORDER BY db.datname, s), '[]')
    FROM pg_db_role_setting c LEFT JOIN pg_database db ON db.oid = c.setdatabase CROSS JOIN unnest(c.setconfig) s
   WHERE c.setrole = r.oid`;

const ownOf = `
  SELECT jsonb_build_object('count', count(*), 'some', coalesce(jsonb_agg(o.what) FILTER (WHERE o.n <= 3), '[]')) FROM (
    SELECT pg_describe_object(d.classid, d.objid, 0) AS what, row_number() OVER (ORDER BY d.classid, d.objid) AS n
      FROM (SELECT DISTINCT dbid, classid, objid FROM pg_shdepend
             WHERE refclassid = 'pg_authid'::regclass AND refobjid = r.oid AND deptype IN ('o', 'a', 'r')
               AND dbid IN (0, here.oid) AND classid <> 'pg_database'::regclass) d
     WHERE NOT EXISTS (SELECT FROM pg_shdepend e JOIN pg_roles g ON g.oid = e.refobjid
             WHERE e.refclassid = 'pg_authid'::regclass AND g.rolname = $3 AND e.deptype IN ('o', 'a', 'r')
               AND e.dbid = d.dbid AND e.classid = d.classid AND e.objid = d.objid)) o`;

/** Those that a limit counts: none of the server's own, and not the driver's. */
const counted = `usesysid IS NOT NULL AND application_name IS DISTINCT FROM 'secret-rotation'
             AND backend_type IS DISTINCT FROM 'parallel worker'`;

const query = `
  SELECT current_setting('server_version_num')::int AS version, here.datname AS database,
         here.datconnlimit AS "databaseLimit",
         (SELECT count(*)::int FROM pg_stat_activity WHERE datid = here.oid AND ${counted}) AS "databaseSessions",
         coalesce(known.roles, '[]') AS roles
    FROM pg_database here CROSS JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object(
               'name', r.rolname, 'canLogin', r.rolcanlogin,
               'isSuperuser', r.rolsuper, 'isReplication', r.rolreplication, 'isMe', r.oid = me.oid,
               'me', me.rolname, 'iAmSuperuser', me.rolsuper, 'iCreateRoles', me.rolcreaterole,
               'iAmAdmin', pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'),
               'asksAdmin', current_setting('server_version_num')::int >= 160000,
               'attributes', jsonb_build_object('superuser', r.rolsuper, 'inherit', r.rolinherit,
                 'createDb', r.rolcreatedb, 'createRole', r.rolcreaterole, 'replication', r.rolreplication,
                 'bypassRls', r.rolbypassrls),
               'connectionLimit', r.rolconnlimit,
               'sessions', (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid AND ${counted}),
               'validUntil', CASE WHEN isfinite(r.rolvaliduntil)
                 THEN to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END,
               'isExpired', coalesce(r.rolvaliduntil <= now(), false),
               'endsSoon', coalesce(r.rolvaliduntil <= now() + make_interval(days => $2), false),
               'connects', has_database_privilege(r.oid, here.oid, 'CONNECT'),
               'comment', shobj_description(r.oid, 'pg_authid'),
               'settings', (${settingsOf}), 'memberships', (${membershipsOf}), 'own', (${ownOf}))) AS roles
        FROM pg_roles r CROSS JOIN pg_roles me WHERE r.rolname = ANY ($1::name[]) AND me.rolname = current_user) known
   WHERE here.datname = current_database()`;

/**
 * @param days  how far ahead `endsSoon` looks
 * @param group  what the roles act as, if there is such a role
 */
export async function knownRoles(
  session: Session,
  names: readonly string[],
  { days, group }: { days: number; group: string | undefined },
): Promise<KnownServer> {
  const [known] = await session.query<KnownServer>(query, [names, days, group ?? null]);
  if (!known) throw new Error("pg_database does not list the current database");
  return known;
}

export function roleIn(server: KnownServer, name: string | undefined): KnownRole | undefined {
  return server.roles.find((role) => role.name === name);
}
