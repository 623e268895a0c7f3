import { escapeIdentifier } from "../../ports/sql";
import { failure } from "../protocol";
import { claimRoles } from "./claimRoles";
import { databaseStrategy } from "./databaseStrategy";
import { databaseOf } from "./parameters";
import { checkAlterable } from "./privileges";
import { roleFacts, setPassword } from "./roles";

/**
 * One role gets a new password. Sessions that are open go on; a new login with the old password is refused from then
 * until the service has the new one.
 */
export const singleUser = databaseStrategy({
  nextRole: (context) => databaseOf(context).roles[0] as string,
  async checkRole(context, asSuperuser, role) {
    const facts = await asSuperuser((session) => roleFacts(session, role));
    if (!facts.exists) {
      throw failure(context, "check", "DATABASE_FAILED", `there is no role ${role}`, {
        hint: `CREATE ROLE ${escapeIdentifier(role)} LOGIN`,
      });
    }
    checkAlterable(context, "check", role, facts);
  },
  overlap: "one-live",
  setRole: (context, session, { role, ...to }) =>
    setPassword(session, role, to, { after: () => claimRoles(context, session) }),
});
