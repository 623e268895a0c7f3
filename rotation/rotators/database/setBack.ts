import { describeError, RotationError } from "../../errors";
import { NotLetIn } from "../../ports/postgres";
import type { Standing, StrategyContext, Values } from "../protocol";
import { acceptedByServer } from "./accepted";
import { type Credential, parseCredential } from "./credential";
import { mayPass } from "./loginAdvice";
import { rotatorOf } from "./ownRole";
import { databaseOf } from "./parameters";
import type { RoleChange } from "./roleChange";
import { unusable } from "./saslPrep";
import { sessionsOf, superuser } from "./superusers";
import { type AdminLogin, sameTarget } from "./target";
import { whileItMayPass } from "./whileItMayPass";

/** As long as a database takes to restart: services are refused until the role is set back. */
const longestSeconds = 60;

/**
 * Gives the one role the password of AWSCURRENT again, which services have, when a rotation has failed after `set`. The
 * role is asked first: it may never have been changed. What is told of a credential was seen in a login with it.
 */
export async function setBack(
  context: StrategyContext,
  change: Pick<RoleChange, "setRole">,
  { pending, current }: Values,
): Promise<Standing> {
  try {
    const login = await rotatorOf(context, "set", pending, current);
    if (current === undefined) return await without(context, pending);
    await sameTarget(context, "set", current, login);
    const credential = parseCredential(context, "set", "AWSCURRENT", current);
    return await whileItMayPass(() => tryOnce(context, change, credential, login), longestSeconds);
  } catch (error) {
    return failed(context, pending, error);
  }
}

async function tryOnce(
  context: StrategyContext,
  change: Pick<RoleChange, "setRole">,
  current: Credential,
  rotator: AdminLogin,
): Promise<Standing> {
  const { username } = current;
  const before = await answerTo(context, current).catch((error) => {
    // It may have taken the password, and fail to log in at the server with it.
    if (!isOfPooler(error) || wasNeverCurrent(context)) throw error;
    return "in by a pooler" as const;
  });
  if (before === "in") return { acceptsCurrent: true, text: `the current credential still logs in as ${username}` };
  if (typeof before === "object") {
    return { acceptsCurrent: false, text: `${username} still has the current password; ${before.shut}` };
  }
  // A password that nobody has logged in with may be anything, and known to anybody.
  if (before === "refused" && wasNeverCurrent(context)) {
    const text = `${username} was not set back: AWSCURRENT was never seen to log in, and the password before is not known here`;
    return { acceptsCurrent: false, text };
  }
  const to = { role: username, password: current.password, salt: context.ports.random(16) };
  const set = () => sessionsOf(context, "set", rotator)((session) => change.setRole(context, session, to));
  await set().catch(async (error) => {
    // The answer to COMMIT may be lost: the login tells.
    if ((await answerTo(context, current).catch(() => "refused")) === "refused") throw error;
  });
  const after = await answerTo(context, current);
  const text = `${username} was set back to the current password`;
  if (after === "in") return { acceptsCurrent: true, text: `${text}, and has logged in with it` };
  if (after === "in by a pooler") return { acceptsCurrent: true, text: `${text}, and a pooler lets it in` };
  if (after !== "refused") return { acceptsCurrent: false, text: `${text}; ${after.shut}` };
  const why = unusable(current.password);
  return { acceptsCurrent: false, text: `${text}, and is refused with it${why ? `: it ${why}` : ""}` };
}

function isOfPooler({ cause }: Error): boolean {
  return cause instanceof NotLetIn && cause.isOfPooler;
}

/** A first rotation that takes a role over knows nothing of the password that it had. */
function wasNeverCurrent(context: StrategyContext): boolean {
  return context.rotatedAt === undefined && databaseOf(context).adopt;
}

/**
 * What the server says to a login: it may take the password, and let nobody in for another reason. What a pooler says is no
 * proof: the role is set back all the same.
 */
async function answerTo(
  context: StrategyContext,
  credential: Credential,
): Promise<"in" | "in by a pooler" | "refused" | { readonly shut: string }> {
  try {
    let isDirect = true;
    const isAccepted = await acceptedByServer(context, "set", credential, async (session) => {
      isDirect = session.isDirect;
    });
    return isAccepted ? (isDirect ? "in" : "in by a pooler") : "refused";
  } catch (error) {
    const { cause } = error as RotationError;
    if (!(cause instanceof NotLetIn) || cause.password !== "accepted" || mayPass(error)) throw error;
    return { shut: `the server takes it, and does not let in: ${describeError(cause)}` };
  }
}

async function without(context: StrategyContext, pending: string): Promise<Standing> {
  const credential = parseCredential(context, "set", "AWSPENDING", pending);
  if (!(await acceptedByServer(context, "set", credential)))
    return { acceptsCurrent: false, text: "no password was set" };
  const text = `${credential.username} has the new password, and there is none before that it could be set back to`;
  return { acceptsCurrent: false, text };
}

async function failed(context: StrategyContext, pending: string, error: unknown): Promise<Standing> {
  const why = error instanceof RotationError ? error.text : describeError(error);
  const seen = await newLogsIn(context, pending);
  return { acceptsCurrent: false, text: `setting the role back failed: ${why}; ${seen}` };
}

async function newLogsIn(context: StrategyContext, pending: string): Promise<string> {
  try {
    const credential = parseCredential(context, "set", "AWSPENDING", pending);
    const { login } = await superuser(context, "set");
    await sameTarget(context, "set", pending, login);
    return (await acceptedByServer(context, "set", credential))
      ? "the new password is accepted, the current one may be refused"
      : "neither the current nor the new password was seen to log in";
  } catch {
    return "which password is accepted is not known";
  }
}
