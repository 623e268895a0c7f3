import { effectiveMaxAgeDays } from "../../../policies/rules/maxAge";
import type { Session } from "../../ports/postgres";
import { escapeIdentifier } from "../../ports/sql";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { type Holding, noneIsClaimedByAnother, rolesAreOurs } from "./adoption";
import { commentOn, identityOf, withClaim } from "./claim";
import { type Candidate, canLogInThen } from "./judgeRole";
import { type KnownServer, knownRoles, roleIn } from "./knownRoles";
import { beyond, type Pair, type Statement, statementsOf } from "./likeTheOther";
import { databaseOf } from "./parameters";
import { type Refused, rehearse } from "./statements";
import type { AsSuperuser } from "./superusers";

/** What the roles of a secret are, and what is going to be of the one whose password is next. */
export interface Outlook extends Candidate {
  /** Whether the superuser's session is the server's, with no pooler in between. */
  readonly isDirect: boolean;
  readonly server: KnownServer;
}

export async function outlookOf(
  context: StrategyContext,
  session: Session,
  role: string,
  currentRole: string | undefined,
): Promise<Outlook> {
  const { roles, groupRole } = databaseOf(context);
  const days = effectiveMaxAgeDays(context.secret, context.environment);
  const names = [...roles, ...(groupRole === undefined ? [] : [groupRole])];
  const server = await knownRoles(session, names, { days, group: groupRole });
  const now = roleIn(server, role);
  // Where none is known to be current, services may live by the other one, unless there are both.
  const template = currentRole ?? (now ? role : roles.find((one) => one !== role));
  const like = template === role ? undefined : roleIn(server, template);
  return { isDirect: session.isDirect, server, role, now, like, group: roleIn(server, groupRole) };
}

/**
 * Refuses, before anything is written, what the server can say of the role whose password is next.
 *
 * @throws {ROLE_UNUSABLE}, {ROLE_CLAIMED} or {ADOPTION_NOT_ASKED}
 */
export async function roleCanTakeIt(context: StrategyContext, step: Step, outlook: Outlook, holding: Holding) {
  const { server } = outlook;
  noneIsClaimedByAnother(context, step, server);
  canLogInThen(context, step, server, outlook);
  await rolesAreOurs(context, step, server, holding);
}

/**
 * Finds out whether the superuser's secret may make the role like the other one: everything that takes is tried, and
 * rolled back.
 *
 * @throws {DATABASE_FAILED} with the statements that a DBA has to run
 */
export async function canBeMadeAlike(
  context: StrategyContext,
  step: Step,
  asSuperuser: AsSuperuser,
  outlook: Outlook,
): Promise<void> {
  const pair = pairOf(context, outlook);
  if (!pair) return;
  const statements = statementsOf(pair);
  const refused = statements.length === 0 ? [] : await asSuperuser((session) => rehearse(session, statements));
  if (refused.length > 0) throw failure(context, step, "DATABASE_FAILED", ...cannotBe(context, pair, refused));
  tell(context, pair, statements);
}

/** What it takes; none where no role acts as a group. */
export function statementsFor(context: StrategyContext, outlook: Outlook): Statement[] {
  const pair = pairOf(context, outlook);
  return pair ? statementsOf(pair) : [];
}

function pairOf(context: StrategyContext, { server, role, now, like }: Outlook): Pair | undefined {
  const { groupRole: group } = databaseOf(context);
  const me = server.roles[0]?.me;
  if (group === undefined || me === undefined) return undefined;
  return { role, now, like, group, me, version: server.version };
}

function cannotBe(
  context: StrategyContext,
  { role, now, like, me, version }: Pair,
  refused: readonly Refused[],
): [message: string, { hint: string }] {
  const cures = refused.map(({ statement, code }) => (code === denied ? statement.cure : correct(statement, code)));
  const isAbout = ({ statement }: Refused) => statement.what === "attribute" || statement.what === "membership";
  const [name, rotator] = [escapeIdentifier(role), escapeIdentifier(me)];
  const create = [
    `CREATE ROLE ${name} NOLOGIN`,
    ...(version >= 160000 ? [`GRANT ${name} TO ${rotator} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`] : []),
    commentOn(role, withClaim(null, identityOf(context))),
  ];
  const needsRole = !now && refused.some(isAbout) && !refused.some(({ statement }) => statement.what === "creation");
  const message = like
    ? `the superuser's secret may not make ${role} like ${like.name}, which services live by`
    : `the superuser's secret may not make ${role} act as its group`;
  const hint = [...(needsRole ? create : []), ...new Set(cures)].join("; ");
  return [message, { hint }];
}

/** insufficient_privilege */
const denied = "42501";

/** Its text has a setting's value. */
function correct({ cure, what }: Statement, code: string): string {
  return what === "setting" ? `correct or reset the setting (the server says ${code}): ${cure}` : cure;
}

/** What is seen, and what comes along with nobody. */
function tell(context: StrategyContext, pair: Pair, statements: readonly Statement[]): void {
  const { role, like, group } = pair;
  if (!like) return;
  const count = (what: Statement["what"]) => statements.filter((one) => one.what === what).length;
  const changes = (["attribute", "setting", "membership"] as const).flatMap((what) =>
    count(what) > 0 ? [`${count(what)} ${what}${count(what) > 1 ? "s" : ""}`] : [],
  );
  const { findings } = context;
  const limit = like.connectionLimit < 0 ? "no connection limit" : `connection limit ${like.connectionLimit}`;
  const has = `${like.settings.length} settings, ${like.memberships.length} memberships, ${limit}`;
  if (changes.length === 0) findings.fact(`${role} is like ${like.name}: ${has}`);
  else findings.fact(`${role} will be made like ${like.name} (${changes.join(", ")}): ${has}`);
  const more = beyond(pair);
  if (more.length > 0) findings.warn(`${role} is a member of more than ${like.name} is: ${more.join("; ")}`);
  const actsAs = like.settings.find(({ name }) => name === "role")?.value;
  if (actsAs !== undefined && actsAs !== group)
    findings.warn(`${like.name} acts as ${actsAs}, and ${role} will act as ${group}: SET role decides what they own`);
  if (actsAs === group || like.own.count === 0) return;
  const some = `${like.own.some.join(", ")}${like.own.count > like.own.some.length ? ", …" : ""}`;
  findings.warn(
    `${like.name} has privileges of its own on ${like.own.count} objects (${some}), and ${role}, which acts as ` +
      `${group}, will not have them: grant them to ${escapeIdentifier(group)}, or REASSIGN OWNED`,
  );
}
