import type { Session } from "../../ports/postgres";
import type { StrategyContext } from "../protocol";
import { type Commentable, claimOf, notClaimedByAnother } from "./claim";
import { databaseOf } from "./parameters";
import { run } from "./statements";

const commentsOf = `
  SELECT r.rolname AS name, shobj_description(r.oid, 'pg_authid') AS comment,
         r.oid = me.oid AS "isMe", r.rolsuper AS "isSuperuser",
         me.rolsuper AS "iAmSuperuser", me.rolcreaterole AS "iCreateRoles",
         pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION') AS "iAmAdmin",
         current_setting('server_version_num')::int >= 160000 AS "asksAdmin"
    FROM pg_roles r CROSS JOIN pg_roles me WHERE r.rolname = ANY ($1::name[]) AND me.rolname = current_user`;

/**
 * Claims the declared roles for the secret, within the transaction that has altered one of them: until its end no other
 * driver can alter that role, so that what the comments say now holds.
 *
 * @throws {ROLE_CLAIMED} when another secret has meanwhile; the transaction is to be rolled back then
 */
export async function claimRoles(context: StrategyContext, session: Session): Promise<void> {
  const roles = await session.query<Commentable>(commentsOf, [databaseOf(context).roles]);
  for (const role of roles) notClaimedByAnother(context, "set", role);
  await run(
    session,
    roles.flatMap((role) => claimOf(context, role)),
  );
}
