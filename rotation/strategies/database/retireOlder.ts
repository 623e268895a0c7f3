import { describeError } from "../../errors";
import { type Login, NotLetIn } from "../../ports/postgres";
import { failure, type StrategyContext, type Values } from "../strategy";
import { loginWith, parseCredential } from "./credential";
import { guarded } from "./loginAdvice";
import { rotatorOf } from "./ownRole";
import { checkRetirable, disableOthers, endOlderSessions } from "./retire";
import { sessionsOf } from "./superusers";
import { sameTarget } from "./target";

/** What was valid before the current password is taken out of use, and is proven to be refused. */
export async function retireOlder(
  context: StrategyContext,
  { pending, current }: Values,
  setAt: string | undefined,
): Promise<void> {
  const login = await rotatorOf(context, "retire", pending);
  const { username } = parseCredential(context, "retire", "AWSCURRENT", pending);
  const asSuperuser = sessionsOf(context, "retire", login);
  await asSuperuser(async (session) => {
    await checkRetirable(context, "retire", session);
    await disableOthers(context, session, username);
  });
  if (current !== undefined) await isRefused(context, current, login);
  // Last: by now whoever logged in before has a session that the server lists.
  await endOlderSessions(context, asSuperuser, username, setAt);
}

/** The proof that a retired credential is dead: the password itself, not the role that may not log in for now. */
async function isRefused(context: StrategyContext, value: string, target: Login): Promise<void> {
  await sameTarget(context, "retire", value, target);
  const credential = parseCredential(context, "retire", "the version before", value);
  const login = loginWith(context, credential);
  const alive = await guarded(context, "retire", login, () =>
    context.ports.postgres.accepts(login).then(
      (isAccepted) => (isAccepted ? "still logs in with the old password" : undefined),
      (error) => {
        if (!(error instanceof NotLetIn) || error.password !== "accepted") throw error;
        return `still has the old password, and is kept out by something else: ${describeError(error)}`;
      },
    ),
  );
  if (alive === undefined) return;
  const message = `${credential.username}@${credential.host} ${alive}`;
  throw failure(context, "retire", "NOT_RETIRED", message, {
    hint: "see whether the server asks for passwords at all (pg_hba.conf), then run the same command again",
  });
}
