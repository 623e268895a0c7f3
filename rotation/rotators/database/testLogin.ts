import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext, type Values } from "../protocol";
import { accepted, acceptedByServer } from "./accepted";
import { type Credential, loginWith, parseCredential } from "./credential";
import { poolersList, refusedByPooler } from "./loginAdvice";
import { databaseOf } from "./parameters";
import { probeFailed } from "./probe";
import { whileItMayPass } from "./whileItMayPass";

/** A server that is full or restarts for a moment does not end a rotation whose password is set. */
const longestTestSeconds = 10;
/** Nor does a reader that is behind. */
const longestLagSeconds = 5;

/**
 * Logs in with the pending credential where services connect, and runs the secret's own probe with it.
 *
 * @param actsAs  the role that the session has to act as (ALTER ROLE … SET role), so that both roles own the same things
 * @throws {CREDENTIAL_REFUSED} or {PROBE_FAILED}
 */
export async function testLogin(
  context: StrategyContext,
  { pending }: Values,
  actsAs: string | undefined,
): Promise<void> {
  const credential = parseCredential(context, "test", "AWSPENDING", pending);
  const attempt = () => whileItMayPass(() => accepted(context, "test", credential, probe), longestTestSeconds);
  const timeoutSeconds = databaseOf(context).admin ? longestLagSeconds : 0;
  if (await waitFor(async () => (await attempt()) || undefined, { timeoutSeconds })) return;
  const message = `${credential.username}@${credential.host} is refused with the new password`;
  const hint =
    (await whosePooler(context, credential)) ??
    `see whether ${credential.username} may log in (LOGIN, VALID UNTIL), then run the same command again`;
  throw failure(context, "test", "CREDENTIAL_REFUSED", message, { hint });

  async function probe(session: Session): Promise<void> {
    if (actsAs !== undefined) await proveRole(context, session, credential.username, actsAs);
    await session.query(databaseOf(context).probeSql).catch((cause) => {
      throw probeFailed(context, "test", credential.username, cause);
    });
  }
}

/** What PostgreSQL may not do at a login is a warning there, and what a pooler holds was logged in before. */
async function proveRole(context: StrategyContext, session: Session, username: string, actsAs: string): Promise<void> {
  const [row] = await session.query<{ role: string }>("SELECT current_user AS role");
  if (row?.role === actsAs) return;
  const [name, group] = [escapeIdentifier(username), escapeIdentifier(actsAs)];
  const hint = session.isDirect
    ? `GRANT ${group} TO ${name}; ALTER ROLE ${name} SET role = ${group}; and ALTER ROLE ${name} IN DATABASE … RESET role, if it has another one there`
    : "the pooler holds connections from before: RECONNECT in its console, then run the same command again";
  throw failure(context, "test", "PROBE_FAILED", `${username} acts as ${row?.role}, and not as ${actsAs}`, { hint });
}

/** What to do where it is a pooler that refuses what the server has been told. */
async function whosePooler(context: StrategyContext, credential: Credential): Promise<string | undefined> {
  const { admin } = databaseOf(context);
  if (admin && (await acceptedByServer(context, "test", credential).catch(() => false))) {
    return `the server (${admin.host}:${admin.port}) takes it: ${poolersList(credential)}`;
  }
  const isPooler = await refusedByPooler(context.ports.postgres, loginWith(context, credential));
  return isPooler ? poolersList(credential) : undefined;
}
