import type { Session } from "../../ports/postgres";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext, type Values } from "../strategy";
import { accepted } from "./accepted";
import { databaseOf, parseCredential } from "./credential";
import { mayPass } from "./loginAdvice";
import { probeFailed } from "./probe";

/** A server that is full or restarts for a moment does not end a rotation whose password is set. */
const longestTestSeconds = 10;

/** Logs in with the pending credential and runs the secret's own probe with it. */
export async function testLogin(context: StrategyContext, { pending }: Values): Promise<void> {
  const credential = parseCredential(context, "test", "AWSPENDING", pending);
  let last: unknown;
  const attempt = async () => {
    try {
      return { isAccepted: await accepted(context, "test", credential, probe) };
    } catch (error) {
      if (!mayPass(error)) throw error;
      last = error;
      return undefined;
    }
  };
  const answer = await waitFor(attempt, { timeoutSeconds: longestTestSeconds });
  if (!answer) throw last;
  if (answer.isAccepted) return;
  const message = `${credential.username}@${credential.host} is refused with the new password`;
  throw failure(context, "test", "CREDENTIAL_REFUSED", message, {
    hint: `see whether ${credential.username} may log in (LOGIN, VALID UNTIL), then run the same command again`,
  });

  function probe(session: Session) {
    return session.query(databaseOf(context).probeSql).catch((cause) => {
      throw probeFailed(context, "test", credential.username, cause);
    });
  }
}
