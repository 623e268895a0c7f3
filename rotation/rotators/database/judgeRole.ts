import { escapeIdentifier } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import type { KnownRole, KnownServer } from "./knownRoles";

/** The role that gets the password, as it is and as it will be. */
export interface Candidate {
  readonly role: string;
  readonly now: KnownRole | undefined;
  /** What it is made like; undefined: it stays as it is. */
  readonly like: KnownRole | undefined;
  /** What it acts as. */
  readonly group: KnownRole | undefined;
}

/**
 * What keeps a role from logging in whatever its password is: the server says it before.
 *
 * @throws {ROLE_UNUSABLE} with the statement that cures it
 */
export function canLogInThen(context: StrategyContext, step: Step, server: KnownServer, candidate: Candidate): void {
  endsLater(context, step, candidate);
  hasFreeSlot(context, step, server, candidate);
  mayConnect(context, step, server, candidate);
}

function endsLater(context: StrategyContext, step: Step, { role, now, like }: Candidate): void {
  const basis = like ?? now;
  if (!basis) return;
  const { name, validUntil, isExpired, endsSoon } = basis;
  const cure = `ALTER ROLE ${escapeIdentifier(name)} VALID UNTIL 'infinity'`;
  const until = `${name} is valid until ${validUntil ?? "-infinity"}`;
  const too = name === role ? "" : `, and ${role} will be like it`;
  if (isExpired) {
    throw unusable(context, step, `${until}, which is past: no password lets it in${too}`, `${cure}, or a later time`);
  }
  if (endsSoon) context.findings.warn(`${until}, before its next rotation is due${too}: ${cure}, or a later time`);
  else context.findings.fact(validUntil === null ? `${name} is valid without end` : until);
}

function hasFreeSlot(context: StrategyContext, step: Step, server: KnownServer, { role, now, like }: Candidate): void {
  const limit = (like ?? now)?.connectionLimit ?? -1;
  const sessions = now?.sessions ?? 0;
  const limited = escapeIdentifier((like ?? now)?.name ?? role);
  if (limit >= 0 && sessions >= limit) {
    const message = `${role} has a connection limit of ${limit} and ${sessions} sessions: none is left to test its password`;
    throw unusable(context, step, message, `ALTER ROLE ${limited} CONNECTION LIMIT ${sessions + 10}, or -1 for none`);
  }
  // While a workload rolls out, old and new replicas hold connections: of one role both, of two one each.
  const wanted = like ? like.sessions + 1 : 2 * sessions + 1;
  if (limit >= 0 && wanted > limit) {
    const what = `${role} has a connection limit of ${limit}, and a rollout may want ${wanted} for a moment`;
    context.findings.warn(`${what}: ALTER ROLE ${limited} CONNECTION LIMIT ${2 * wanted}`);
  }
  databaseHasFreeSlot(context, step, server, like?.sessions ?? sessions);
}

function databaseHasFreeSlot(context: StrategyContext, step: Step, server: KnownServer, held: number): void {
  const { database, databaseLimit: limit, databaseSessions: sessions } = server;
  if (limit < 0) return;
  const cure = (slots: number) => `ALTER DATABASE ${escapeIdentifier(database)} CONNECTION LIMIT ${slots}`;
  if (sessions >= limit) {
    const message = `the database ${database} has a connection limit of ${limit} and ${sessions} sessions`;
    throw unusable(context, step, message, `${cure(sessions + 10)}, or -1 for none`);
  }
  const wanted = sessions + held + 1;
  if (wanted <= limit) return;
  const what = `the database ${database} has a connection limit of ${limit}, and a rollout may want ${wanted} for a moment`;
  context.findings.warn(`${what}: ${cure(2 * wanted)}`);
}

/** CONNECT is asked of the login role, before it acts as its group; but it inherits from that. */
function mayConnect(
  context: StrategyContext,
  step: Step,
  { database }: KnownServer,
  { role, now, like, group }: Candidate,
): void {
  const inherits = (like ?? now)?.attributes.inherit ?? true;
  const byOthers = like?.memberships.some((one) => one.connects && one.role !== role && one.inherit !== false);
  if (now?.connects || (inherits && (group?.connects || byOthers)) || (!now && !group)) return;
  const message = `${role} may not connect to the database ${database}`;
  const to = escapeIdentifier(group && inherits ? group.name : role);
  throw unusable(context, step, message, `GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${to}`);
}

function unusable(context: StrategyContext, step: Step, message: string, hint: string) {
  return failure(context, step, "ROLE_UNUSABLE", message, { hint });
}
