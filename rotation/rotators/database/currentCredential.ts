import { RotationError } from "../../errors";
import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import { failure, type StrategyContext } from "../protocol";
import type { Outlook } from "./beforeSet";
import type { Credential } from "./credential";
import { type KnownRole, roleIn } from "./knownRoles";
import { databaseOf } from "./parameters";
import { triedProbe } from "./probe";

/** Logs in with a credential and does some work; false when the server refuses the credential. */
export type Accepted = (credential: Credential, work?: (session: Session) => Promise<unknown>) => Promise<boolean>;

/**
 * A new value is only made when the current one is known to be the target's: else it would be another's role that changes.
 * As the current one the probe is run, too. A first version that never went through all gates may be one that the database
 * was never told of, and whoever has stolen a password may have changed it.
 *
 * @throws {CREDENTIAL_REFUSED} or {PROBE_FAILED}
 */
export async function currentIsTrusted(
  context: StrategyContext,
  credential: Credential,
  { server }: Outlook,
  accepted: Accepted,
): Promise<void> {
  const { username, host } = credential;
  const role = roleIn(server, username);
  if (role && isFull(role)) {
    const what = `${username} has ${role.sessions} sessions, as many as its connection limit`;
    context.findings.warn(`${what}: the current credential and the probe could not be tried`);
    return;
  }
  const probe = triedProbe(context, username, groupOf(context, role));
  const logsIn = await accepted(credential, probe).catch((error) => {
    // Nobody is held up by what keeps the old credential from logging in.
    if (!context.emergency || !(error instanceof RotationError) || error.code !== "DATABASE_FAILED") throw error;
    context.findings.warn("the current credential could not be tried, and the probe not as it");
    return true;
  });
  if (logsIn || context.rotatedAt === undefined || context.emergency) return;
  const hint =
    role?.canLogin === false
      ? `ALTER ROLE ${escapeIdentifier(username)} LOGIN`
      : "it was changed outside of a rotation: set the role's password to the current value of the secret first";
  throw failure(context, "check", "CREDENTIAL_REFUSED", `${host} refuses ${username} with the current password`, {
    hint,
  });
}

/** What the role that gets the password will act as, where this one may act as it too. */
export function groupOf(context: StrategyContext, role: KnownRole | undefined): string | undefined {
  const { groupRole } = databaseOf(context);
  const may = role?.memberships.some((one) => one.role === groupRole && one.set !== false);
  return may ? groupRole : undefined;
}

function isFull({ connectionLimit, sessions }: KnownRole): boolean {
  return connectionLimit >= 0 && sessions >= connectionLimit;
}
