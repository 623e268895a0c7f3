import type { Login } from "../../ports/postgres";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";
import { type Credential, parseCredential } from "./credential";
import { sameHost } from "./hosts";
import { databaseOf } from "./parameters";

/** A login at the server, and where services connect: what the value of a secret is for. */
export interface AdminLogin extends Login {
  readonly services: Pick<Login, "host" | "port" | "dbname">;
}

/**
 * The confused deputy's guard: a credential is used on, or changed in, no other server, database or role than declared.
 */
export async function sameTarget(
  context: StrategyContext,
  step: Step,
  value: string,
  target: AdminLogin,
): Promise<void> {
  const credential = parseCredential(context, step, context.fullName, value);
  if (await isFor(context, credential, target)) return;
  const is = `${credential.username}@${serverOf(credential)}`;
  const declared = `${databaseOf(context).roles.join(" or ")}@${serverOf(target.services)}`;
  const message = `the secret's value is for ${is}, declared is ${declared}`;
  throw failure(context, step, "DATABASE_MISMATCH", message, { hint: "correct the stack's database section" });
}

/** Whether it is for the declared server, database and one of the roles. */
export async function isFor(
  context: StrategyContext,
  credential: Credential,
  { services }: AdminLogin,
): Promise<boolean> {
  const { port, dbname, username } = credential;
  if (port !== services.port || dbname !== services.dbname || !databaseOf(context).roles.includes(username))
    return false;
  return sameHost(context.ports.dns, credential.host, services.host);
}

function serverOf({ host, port, dbname }: Pick<Login, "host" | "port" | "dbname">): string {
  return `${host}:${port}/${dbname}`;
}
