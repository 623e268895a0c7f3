import type { Step } from "../../steps";
import type { StrategyContext } from "../protocol";
import type { Holding } from "./adoption";
import { type Outlook, outlookOf, roleCanTakeIt } from "./beforeSet";
import { parseCredential } from "./credential";
import { type Accepted, currentIsTrusted } from "./currentCredential";
import type { AsSuperuser } from "./superusers";
import { type AdminLogin, isFor } from "./target";

/** How a step gets at the declared server. */
export interface Access {
  /** Of the superuser's secret. */
  readonly login: AdminLogin;
  readonly asSuperuser: AsSuperuser;
  /** Whether a credential is let in where services connect. */
  readonly accepted: Accepted;
  /** Whether the server does, at its own endpoint. */
  readonly acceptedByServer: Accepted;
}

/**
 * What the roles are, when they let one of them get the next password.
 *
 * @throws {RotationError} ROLE_UNUSABLE, ROLE_CLAIMED or ADOPTION_NOT_ASKED
 */
export async function lookAhead(
  context: StrategyContext,
  step: Step,
  access: Access,
  { role, current }: { role: string; current: string | undefined },
): Promise<Outlook> {
  const outlook = await access.asSuperuser((session) =>
    outlookOf(context, session, role, usernameOf(context, current)),
  );
  await roleCanTakeIt(context, step, outlook, holdingOf(context, access, current));
  return outlook;
}

export function holdingOf(
  context: StrategyContext,
  { login, acceptedByServer }: Access,
  current: string | undefined,
): Holding {
  return {
    current,
    logsIn: async (credential) => (await isFor(context, credential, login)) && acceptedByServer(credential),
  };
}

export function usernameOf(context: StrategyContext, current: string | undefined): string | undefined {
  return current === undefined ? undefined : parseCredential(context, "check", "AWSCURRENT", current).username;
}

/** @throws {RotationError} CREDENTIAL_REFUSED or PROBE_FAILED */
export async function tryCurrent(
  context: StrategyContext,
  current: string | undefined,
  outlook: Outlook,
  { accepted }: Access,
): Promise<void> {
  if (current === undefined) return;
  await currentIsTrusted(context, parseCredential(context, "check", "AWSCURRENT", current), outlook, accepted);
}

/** Before an older value comes back: what is current may be refused by then. */
export async function probeAsCurrent(
  context: StrategyContext,
  current: string | undefined,
  outlook: Outlook,
  access: Access,
): Promise<void> {
  await tryCurrent({ ...context, rotatedAt: undefined }, current, outlook, access);
}
