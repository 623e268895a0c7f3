import type { Session } from "../../ports/postgres";
import type { Step } from "../../steps";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext } from "../protocol";
import { databaseOf } from "./parameters";
import { checkAlterable } from "./privileges";
import { disableRole, endSessions, roleFacts, serverTime } from "./roles";
import type { AsSuperuser } from "./superusers";

/** An emergency: what was valid before the new password is taken out of use. */

/** Refuses, before anything is changed, what the superuser's secret may not do to a role's sessions. */
export async function checkRetirable(context: StrategyContext, step: Step, session: Session): Promise<void> {
  for (const role of databaseOf(context).roles) {
    const facts = await roleFacts(session, role);
    if (facts.exists) checkAlterable(context, step, role, facts);
    if (!facts.endable) {
      const message = `the superuser's secret may not end the sessions of ${role}`;
      throw failure(context, step, "DATABASE_FAILED", message, {
        hint: "GRANT pg_signal_backend, pg_read_all_stats TO the superuser's role",
      });
    }
  }
}

/** Every declared role but the current one. */
export async function disableOthers(context: StrategyContext, session: Session, currentRole: string): Promise<void> {
  for (const role of otherRoles(context, currentRole)) {
    if ((await roleFacts(session, role)).exists) await disableRole(session, role);
  }
}

/**
 * Ends all sessions of the other roles, and those of the current one that were begun before its password was set.
 *
 * @param setAt  undefined: an earlier run has set it. Then all that were begun before now end: services reconnect
 * @throws {NOT_RETIRED} when some do not end
 */
export async function endOlderSessions(
  context: StrategyContext,
  asSuperuser: AsSuperuser,
  currentRole: string,
  setAt: string | undefined,
): Promise<void> {
  const begunBefore = new Map(otherRoles(context, currentRole).map((role) => [role, "infinity"]));
  begunBefore.set(currentRole, setAt ?? (await asSuperuser(serverTime)));
  for (const [role, time] of begunBefore) {
    let left = 0;
    const look = async () => {
      left = await asSuperuser((session) => endSessions(session, role, time));
      return left === 0 ? true : undefined;
    };
    if (await waitFor(look, { timeoutSeconds: 30 })) continue;
    const message = `${left} sessions of ${role} were told to end and have not`;
    throw failure(context, "retire", "NOT_RETIRED", message, {
      retryable: true,
      hint: "see pg_stat_activity for what they do, and run the same command again",
    });
  }
}

/** What stops, with the sessions that there are now. */
export async function describeBreaks(context: StrategyContext, session: Session): Promise<string[]> {
  const { roles } = databaseOf(context);
  const sessions: string[] = [];
  for (const role of roles) {
    const { sessions: count, applications } = await roleFacts(session, role);
    sessions.push(
      `${role}: ${count} ${count === 1 ? "session ends" : "sessions end"}${applications && ` (${applications})`}`,
    );
  }
  return [`every password of ${roles.join(" and ")} so far is refused`, ...sessions];
}

function otherRoles(context: StrategyContext, currentRole: string): string[] {
  return databaseOf(context).roles.filter((role) => role !== currentRole);
}
