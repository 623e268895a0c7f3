import { describeError } from "../../errors";
import { type Login, NotLetIn, type Session } from "../../ports/postgres";
import { failure, type StrategyContext, type Values } from "../protocol";
import { atServer, loginWith, parseCredential } from "./credential";
import { guarded, poolersList } from "./loginAdvice";
import { rotatorOf } from "./ownRole";
import { checkRetirable, disableOthers, endOlderSessions } from "./retire";
import { sessionsOf } from "./superusers";
import { type AdminLogin, sameTarget } from "./target";

/**
 * What was valid before the current password is taken out of use, and is proven to be refused.
 *
 * @returns the proof; undefined: there was no older password
 */
export async function retireOlder(
  context: StrategyContext,
  { pending, current }: Values,
  setAt: string | undefined,
): Promise<string | undefined> {
  const login = await rotatorOf(context, "retire", pending);
  const { username } = parseCredential(context, "retire", "AWSCURRENT", pending);
  const asSuperuser = sessionsOf(context, "retire", login);
  await asSuperuser(async (session) => {
    await checkRetirable(context, "retire", session);
    await disableOthers(context, session, username);
  });
  const proof = current === undefined ? undefined : await isRefused(context, current, login);
  // Last: by now whoever logged in before has a session that the server lists.
  await endOlderSessions(context, asSuperuser, username, setAt);
  return proof;
}

/** The proof that a retired credential is dead: the password itself, not the role that may not log in for now. */
async function isRefused(context: StrategyContext, value: string, target: AdminLogin): Promise<string> {
  await sameTarget(context, "retire", value, target);
  const credential = parseCredential(context, "retire", "the version before", value);
  const services = loginWith(context, credential);
  const server = atServer(context, services);
  const asked = server === services ? [services] : [server, services];
  for (const login of asked) {
    const alive = await stillAlive(context, login);
    if (alive === undefined) continue;
    const message = `${login.username}@${login.host} ${alive.says}`;
    const hint = alive.byPooler
      ? poolersList(login)
      : "see whether the server asks for passwords at all (pg_hba.conf), then run the same command again";
    throw failure(context, "retire", "NOT_RETIRED", message, { hint });
  }
  const where = asked.map(({ host, port }) => `${host}:${port}`).join(" and ");
  return `${where} refuses the password before, of role ${services.username}`;
}

async function stillAlive(
  context: StrategyContext,
  login: Login,
): Promise<{ says: string; byPooler: boolean } | undefined> {
  let byPooler = false;
  const look = async (session: Session) => {
    byPooler = !session.isDirect;
  };
  return guarded(context, "retire", login, () =>
    context.ports.postgres.accepts(login, look).then(
      (isAccepted) => (isAccepted ? { says: "still logs in with the old password", byPooler } : undefined),
      (error) => {
        if (!(error instanceof NotLetIn) || error.password !== "accepted") throw error;
        const says = `still has the old password, and is kept out by something else: ${describeError(error)}`;
        return { says, byPooler };
      },
    ),
  );
}
