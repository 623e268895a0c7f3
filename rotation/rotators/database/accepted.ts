import { type Login, NotLetIn, type Session } from "../../ports/postgres";
import type { Step } from "../../steps";
import type { StrategyContext } from "../protocol";
import { atServer, type Credential, loginWith } from "./credential";
import { guarded } from "./loginAdvice";

/**
 * Whether a credential is accepted where services connect: by the server, or by the pooler in front of it.
 *
 * @param work  done with the session; undefined: then a server that takes the password has accepted it, even where it
 *   lets nobody in for another reason, such as a limit
 * @returns false as well of a role that may not log in at all (NOLOGIN)
 * @throws {DATABASE_FAILED} when it does not say, or there is work and no session
 */
export async function accepted(
  context: StrategyContext,
  step: Step,
  credential: Credential,
  work?: (session: Session) => Promise<unknown>,
): Promise<boolean> {
  return acceptedAt(context, step, loginWith(context, credential), work);
}

/** Whether the server accepts it: at its own endpoint, where that is declared apart. As `accepted` otherwise. */
export async function acceptedByServer(
  context: StrategyContext,
  step: Step,
  credential: Credential,
  work?: (session: Session) => Promise<unknown>,
): Promise<boolean> {
  return acceptedAt(context, step, atServer(context, loginWith(context, credential)), work);
}

/**
 * Whether it is proven that the server accepts it. What a pooler accepts is no proof: its list of passwords may be older or
 * newer than the server's, and the connections that it has were let in before.
 */
export async function provenByServer(context: StrategyContext, step: Step, credential: Credential): Promise<boolean> {
  let isDirect = true;
  const login = atServer(context, loginWith(context, credential));
  const isAccepted = await acceptedAt(context, step, login, undefined, async (session) => {
    isDirect = session.isDirect;
  });
  return isAccepted && isDirect;
}

async function acceptedAt(
  context: StrategyContext,
  step: Step,
  login: Login,
  work: ((session: Session) => Promise<unknown>) | undefined,
  look?: (session: Session) => Promise<unknown>,
): Promise<boolean> {
  return guarded(context, step, login, async () => {
    try {
      return await context.ports.postgres.accepts(login, work ?? look);
    } catch (error) {
      if (!(error instanceof NotLetIn) || error.password !== "accepted") throw error;
      if (error.code === "28000") return false;
      if (work === undefined) return true;
      throw error;
    }
  });
}
