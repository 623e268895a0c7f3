import { NotLetIn, type Session } from "../../ports/postgres";
import type { Step } from "../../steps";
import type { StrategyContext } from "../strategy";
import { type Credential, loginWith } from "./credential";
import { guarded } from "./loginAdvice";

/**
 * Whether the server accepts a credential.
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
  const login = loginWith(context, credential);
  return guarded(context, step, login, async () => {
    try {
      return await context.ports.postgres.accepts(login, work);
    } catch (error) {
      if (!(error instanceof NotLetIn) || error.password !== "accepted") throw error;
      if (error.code === "28000") return false;
      if (work === undefined) return true;
      throw error;
    }
  });
}
