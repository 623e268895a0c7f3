import type { Session } from "../../ports/postgres";
import { failure, type StrategyContext, type Values } from "../strategy";
import { accepted } from "./accepted";
import { databaseOf, parseCredential } from "./credential";
import { probeFailed } from "./probe";
import { whileItMayPass } from "./whileItMayPass";

/** A server that is full or restarts for a moment does not end a rotation whose password is set. */
const longestTestSeconds = 10;

/** Logs in with the pending credential and runs the secret's own probe with it. */
export async function testLogin(context: StrategyContext, { pending }: Values): Promise<void> {
  const credential = parseCredential(context, "test", "AWSPENDING", pending);
  if (await whileItMayPass(() => accepted(context, "test", credential, probe), longestTestSeconds)) return;
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
