import type { Step } from "../../steps";
import type { StrategyContext } from "../protocol";
import { parseCredential } from "./credential";
import { databaseOf } from "./parameters";
import { superuser } from "./superusers";
import { type AdminLogin, isFor } from "./target";

/**
 * The login of the superuser's secret. Where its role is the one that is rotated, a rotation changes its password, which
 * another secret never hears of: then the login is with the first of the values that the server takes.
 *
 * @param values  of the rotated secret, the likeliest first
 */
export async function rotatorOf(
  context: StrategyContext,
  step: Step,
  ...values: (string | undefined)[]
): Promise<AdminLogin> {
  const { login, arn } = await superuser(context, step);
  if (!databaseOf(context).roles.includes(login.username)) return login;
  if (arn !== context.arn) {
    context.findings.warn(
      `${login.username} is also the role of ${databaseOf(context).superuserSecret}, which keeps the old password: ` +
        "name this secret as database.superuserSecret, here and wherever that one is used",
    );
  }
  const credentials = values.flatMap((value) =>
    value === undefined ? [] : [parseCredential(context, step, "a version", value)],
  );
  for (const credential of credentials) {
    if (credential.username !== login.username || !(await isFor(context, credential, login))) continue;
    const own = { ...login, password: credential.password };
    if (await context.ports.postgres.accepts(own).catch(() => false)) return own;
  }
  return login;
}
