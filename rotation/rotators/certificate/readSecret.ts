import { currentValue } from "../../ports/secretsManager";
import type { Step } from "../../steps";
import { failure, type StrategyContext } from "../protocol";

/**
 * The current text of another secret.
 *
 * @param what  what it holds, for the message, e.g. `the CA`
 * @throws {ROTATOR_FAILED} when there is none
 */
export async function readSecret(context: StrategyContext, step: Step, what: string, name: string): Promise<string> {
  const { isThere, value } = await currentValue(context.ports.secretsManager, name);
  if (value) return value;
  const message = `the secret ${name}, which holds ${what}, ${isThere ? "has no current text" : "does not exist"}`;
  throw failure(context, step, "ROTATOR_FAILED", message, { hint: "put it there, or correct its name" });
}
