import { secretAge } from "../../../policies/rules";
import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import { waitFor } from "../../waitFor";
import { failure, type StrategyContext } from "../protocol";
import { outlookOf, statementsFor } from "./beforeSet";
import { claimRoles } from "./claimRoles";
import { databaseStrategy } from "./databaseStrategy";
import { databaseOf } from "./parameters";
import { checkAlterable, checkGrantable } from "./privileges";
import { type RoleFacts, roleFacts, setPassword } from "./roles";
import { run } from "./statements";

/**
 * Two roles in turn: the inactive one gets a new password and becomes current, the other stays valid until the next
 * rotation, so that no login is ever refused. Both act as one group role.
 */
export const alternatingUsers = databaseStrategy({
  nextRole(context, currentRole) {
    const [first, second] = databaseOf(context).roles as [string, string];
    return currentRole === first ? second : first;
  },
  async checkRole(context, asSuperuser, role) {
    if (!context.emergency) checkGracePeriod(context);
    const look = () =>
      asSuperuser(async (session) => {
        await checkGroup(context, session);
        const facts = await roleFacts(session, role);
        checkAlterable(context, "check", role, facts);
        return facts;
      });
    await (context.emergency ? look() : untilUnused(context, role, look));
  },
  actsAs: groupOf,
  // The role is either still valid as it is, or was given to a later version, which services may live by.
  overlap: "alternating",
  async setRole(context, session, { role, ...to }, currentRole) {
    const makeAlike = async () => {
      const outlook = await outlookOf(context, session, role, currentRole);
      await run(
        session,
        statementsFor(context, outlook).map(({ sql }) => sql),
      );
    };
    await setPassword(session, role, to, { before: makeAlike, after: () => claimRoles(context, session) });
  },
});

function groupOf(context: StrategyContext): string {
  return databaseOf(context).groupRole as string;
}

function checkGracePeriod(context: StrategyContext): void {
  const { rotatedAt, ports } = context;
  const { gracePeriod } = databaseOf(context);
  const now = ports.clock.now();
  // A time of a clock that is wrong says nothing: else the secret would be locked until then.
  if (rotatedAt === undefined || secretAge(rotatedAt, now).state !== "known") return;
  const seconds = Math.max(0, now.getTime() - rotatedAt.getTime()) / 1000;
  if (seconds >= gracePeriod) return;
  const message = `rotated ${Math.floor(seconds)} s ago, and the role before stays valid for ${gracePeriod} s`;
  throw failure(context, "check", "GRACE_PERIOD", message, {
    retryable: true,
    hint: "rotate later, or shorten database.gracePeriod",
  });
}

/** Pods that are about to end may hold sessions for a moment; a service that holds them longer still lives by this role. */
async function untilUnused(context: StrategyContext, role: string, look: () => Promise<RoleFacts>): Promise<void> {
  let facts: RoleFacts | undefined;
  const drained = await waitFor(
    async () => {
      facts = await look();
      return facts.sessions === 0 ? true : undefined;
    },
    { timeoutSeconds: databaseOf(context).drainTimeout },
  );
  if (drained) return;
  const who = facts?.applications ? ` (${facts.applications})` : "";
  const message = `${role}, whose password is next, still has ${facts?.sessions} sessions${who}`;
  throw failure(context, "check", "ROLE_IN_USE", message, {
    retryable: true,
    hint:
      "a service has not taken the last rotation yet: restart it, or declare it as a consumer; behind a pooler its idle " +
      "connections count too (PgBouncer: server_idle_timeout)",
  });
}

async function checkGroup(context: StrategyContext, session: Session): Promise<void> {
  const group = groupOf(context);
  const facts = await roleFacts(session, group);
  if (!facts.exists) {
    const hint = `CREATE ROLE ${escapeIdentifier(group)} NOLOGIN, and let it own what the service uses`;
    throw failure(context, "check", "DATABASE_FAILED", `there is no group role ${group}`, { hint });
  }
  checkGrantable(context, "check", group, facts);
}
