import type { Session } from "../../ports/postgres";
import { failure, type StrategyContext } from "../protocol";
import type { Outlook } from "./beforeSet";
import { parseCredential } from "./credential";
import type { Access } from "./lookAhead";
import { databaseOf } from "./parameters";

/**
 * Refuses an admin endpoint that is of another server than the one services connect to: else it would be that one's role
 * that changes. Tells which of the two logins goes through a pooler.
 *
 * @throws {DATABASE_MISMATCH}
 */
export async function endpointsAgree(
  context: StrategyContext,
  current: string | undefined,
  outlook: Outlook,
  { login, asSuperuser, accepted }: Access,
): Promise<void> {
  const { admin } = databaseOf(context);
  if (!outlook.isDirect) {
    const declare = admin ? "database.admin" : "the server's own endpoint as database.admin";
    context.findings.warn(`the superuser's secret logs in through a pooler (${login.host}:${login.port}): ${declare}`);
  }
  const ours = admin && (await asSuperuser(identityOf));
  const theirs = admin && current !== undefined ? await identityFor(context, current, accepted) : undefined;
  const goesThroughPooler = theirs ? !theirs.isDirect : !outlook.isDirect;
  if (goesThroughPooler) tellOfPooler(context, login.services);
  if (ours?.server === undefined || theirs?.server === undefined || ours.server === theirs.server) return;
  const message = `database.admin is another server than ${login.services.host}:${login.services.port}`;
  throw failure(context, "check", "DATABASE_MISMATCH", message, {
    hint: "name the server that services reach by database.host, or one that it is replicated from",
  });
}

interface Identity {
  readonly isDirect: boolean;
  /** The same for a server, its standbys, and whatever is in front of them; undefined: it does not say. */
  readonly server: string | undefined;
}

async function identityOf(session: Session): Promise<Identity> {
  const sql = "SELECT system_identifier::text AS server FROM pg_control_system()";
  const rows = await session.query<{ server: string }>(sql).catch(() => []);
  return { isDirect: session.isDirect, server: rows[0]?.server };
}

/** Undefined: the credential is not let in, which is judged elsewhere. */
async function identityFor(
  context: StrategyContext,
  current: string,
  accepted: Access["accepted"],
): Promise<Identity | undefined> {
  const credential = parseCredential(context, "check", "AWSCURRENT", current);
  let identity: Identity | undefined;
  const look = async (session: Session) => {
    identity = await identityOf(session);
  };
  await accepted(credential, look).catch(() => false);
  return identity;
}

function tellOfPooler({ findings, emergency }: StrategyContext, { host, port }: { host: string; port: number }): void {
  const pooler = `${host}:${port}`;
  findings.fact(`services connect through a pooler or proxy (${pooler})`);
  if (!emergency) return;
  findings.warn(`whoever is connected to the pooler ${pooler} stays connected there, and is let in on: restart it`);
}
