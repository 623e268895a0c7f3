import type { SecretDescription } from "../ports/secretsManager";
import type { StrategyContext } from "../rotators/protocol";
import type { Outcome } from "./outcome";

/** Somebody has AWS rotate a secret that the driver rotates, in the console, say: each would put the other's value out of use. */
export function byAwsToo(
  { fullName, emergency, secret }: Pick<StrategyContext, "fullName" | "emergency" | "secret">,
  { rotation }: Pick<SecretDescription, "rotation">,
): Outcome[] {
  if (!rotation?.enabled) return [];
  const by = rotation.lambdaArn === undefined ? "by itself" : `by the function ${rotation.lambdaArn}`;
  const refuse = `AWS rotates it too, ${by}: the next of its rotations would put this one's value out of use`;
  const hint = `have one of both rotate it: npm run rotation -- migrate ${secret.name} --to native, or aws secretsmanager cancel-rotate-secret --secret-id ${fullName}`;
  // What has leaked is not left in use for that.
  return [emergency ? { warn: `${refuse}; ${hint}` } : { refuse, code: "STRATEGY_UNAVAILABLE", hint }];
}
