import type { Step } from "../../steps";
import { documentOf } from "../../values/jsonDocument";
import { withoutDuplicates } from "../common/duplicates";
import { failure, type StrategyContext } from "../protocol";

/**
 * The JSON object that a new credential comes into; without a value an empty one.
 *
 * @throws {SECRET_MALFORMED} for a value that would be lost: nobody would revoke the credential that it is
 */
export function objectText(
  context: StrategyContext,
  step: Step,
  current: string | undefined,
  properties: readonly string[],
): string {
  if (current === undefined) return "{}";
  withoutDuplicates(context, step, "the current value", current);
  if (documentOf(current)?.root.type === "object") return current;
  const message = "the current value is no JSON object, and would be replaced as a whole";
  const hint = `put it in as JSON with ${properties.join(" and ")} first (aws secretsmanager put-secret-value)`;
  throw failure(context, step, "SECRET_MALFORMED", message, { hint });
}
