import type { Step } from "../../steps";
import { documentOf, hasDuplicates } from "../../values/jsonDocument";
import { failure, type StrategyContext } from "../protocol";

/**
 * A document that says a property twice says one thing to External Secrets, which takes the first, and another to most
 * programs, which take the last.
 *
 * @param name  of the value, for the message
 * @throws {SECRET_MALFORMED}
 */
export function withoutDuplicates(context: StrategyContext, step: Step, name: string, value: string): void {
  const document = documentOf(value);
  if (document === undefined || !hasDuplicates(document.root)) return;
  const message = `the JSON of ${name} has a property twice, of which its readers take different ones`;
  const hint = "write it once: aws secretsmanager put-secret-value; then run the same command again";
  throw failure(context, step, "SECRET_MALFORMED", message, { hint });
}
