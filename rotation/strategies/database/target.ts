import type { Login } from "../../ports/postgres";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../strategy";
import { type Credential, databaseOf, parseCredential } from "./credential";

/**
 * The confused deputy's guard: a credential is used on, or changed in, no other server, database or role than declared.
 */
export async function sameTarget(context: StrategyContext, step: Step, value: string, target: Login): Promise<void> {
  const credential = parseCredential(context, step, context.fullName, value);
  if (isFor(context, credential, target)) return;
  const is = `${credential.username}@${serverOf(credential)}`;
  const declared = `${databaseOf(context).roles.join(" or ")}@${serverOf(target)}`;
  const message = `the secret's value is for ${is}, declared is ${declared}`;
  throw failure(context, step, "DATABASE_MISMATCH", message, { hint: "correct the stack's database section" });
}

/** Whether it is for the declared server, database and one of the roles. */
export function isFor(context: StrategyContext, credential: Credential, target: Login): boolean {
  const { roles } = databaseOf(context);
  return serverOf(credential) === serverOf(target) && roles.includes(credential.username);
}

function serverOf({ host, port, dbname }: Pick<Login, "host" | "port" | "dbname">): string {
  return `${host}:${port}/${dbname}`;
}
