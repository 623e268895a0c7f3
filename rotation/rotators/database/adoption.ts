import { versionWith } from "../../ports/secretsManager";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { claimsIn, notClaimedByAnother } from "./claim";
import { type Credential, parseCredential } from "./credential";
import type { KnownRole, KnownServer } from "./knownRoles";
import { databaseOf } from "./parameters";

/** What the secret has of its roles, and whether the server takes it. */
export interface Holding {
  readonly current: string | undefined;
  logsIn(credential: Credential): Promise<boolean>;
}

/**
 * A takeover is asked for: a role that exists is changed only where it is this secret's. That it is the role itself says
 * (its claim), or the secret, which holds a credential of it, or `database.adopt`.
 *
 * @throws {ADOPTION_NOT_ASKED}
 */
export async function rolesAreOurs(
  context: StrategyContext,
  step: Step,
  server: KnownServer,
  holding: Holding,
): Promise<void> {
  const { adopt, roles } = databaseOf(context);
  const existing = server.roles.filter(({ name }) => roles.includes(name));
  for (const role of existing) {
    if (claimsIn(role.comment).length > 0 || (await isHeld(context, step, role, holding))) continue;
    if (!adopt) throw notAsked(context, step, role.name);
    context.findings.fact(`${role.name} exists already and is adopted`);
  }
}

/** @throws {ROLE_CLAIMED} also where adoption is asked for */
export function noneIsClaimedByAnother(context: StrategyContext, step: Step, server: KnownServer): void {
  for (const role of server.roles) {
    if (databaseOf(context).roles.includes(role.name)) notClaimedByAnother(context, step, role);
  }
}

/** By AWSCURRENT or AWSPREVIOUS. One that a rotation has written before there were claims needs no proof. */
async function isHeld(context: StrategyContext, step: Step, { name }: KnownRole, holding: Holding): Promise<boolean> {
  const { current, logsIn } = holding;
  const isOf = (credential: Credential | undefined) => credential?.username === name;
  const holds = async (credential: Credential | undefined) =>
    credential !== undefined && isOf(credential) && (context.rotatedAt !== undefined || (await logsIn(credential)));
  if (await holds(current === undefined ? undefined : parseCredential(context, step, "AWSCURRENT", current)))
    return true;
  return holds(await previousOf(context, step));
}

/** Undefined too where it is no credential: then it is of no role. */
async function previousOf(context: StrategyContext, step: Step): Promise<Credential | undefined> {
  const { fullName, ports } = context;
  const found = await ports.secretsManager.describe(fullName);
  const id = found && versionWith("AWSPREVIOUS", found);
  const value = id && (await ports.secretsManager.value(fullName, id));
  if (!value) return undefined;
  try {
    return parseCredential(context, step, "AWSPREVIOUS", value);
  } catch {
    return undefined;
  }
}

function notAsked(context: StrategyContext, step: Step, role: string) {
  const message = `the role ${role} exists already, and the secret does not hold a credential that the server takes for it`;
  const hint =
    `it may be somebody else's: put its current credential into ${context.fullName} ` +
    "(aws secretsmanager put-secret-value), or say database.adopt: true to give it a new password all the same";
  return failure(context, step, "ADOPTION_NOT_ASKED", message, { hint });
}
