import { failure, type StrategyContext, type Values } from "../protocol";
import { complete, guarded } from "./guarded";
import type { OwnKind } from "./ownKind";
import type { Credential } from "./steps";
import { settlesWithinSeconds, type Target } from "./target";

/**
 * Revokes what was valid before the pending value, in an emergency also what only the issuer knows of, and proves that it is
 * refused.
 *
 * @returns the proof, as a sentence; undefined: there was nothing, or nothing can refuse it
 * @throws {NOT_RETIRED}
 */
export async function retire(
  context: StrategyContext,
  { overlap, properties, steps }: OwnKind,
  target: Target,
  values: Values,
): Promise<string | undefined> {
  // What is valid by itself until it expires can be refused only where somebody takes a revocation.
  if (overlap === "consumers-only" || (overlap === "expiring" && !steps.revoke)) return undefined;
  target.wanted(context, "retire", "the new value", values.pending);
  const older = target.olderThan(values);
  const found: readonly Credential[] =
    context.emergency && steps.find
      ? await guarded(
          context,
          "retire",
          "find",
          async (at) => (await steps.find?.(at, target.allIn(values.pending))) ?? [],
        )
      : [];
  for (const one of [...older, ...found]) {
    await guarded(context, "retire", "revoke", async (at) => steps.revoke?.(at, one));
  }
  const whole = found.map((one) => complete(one, properties)).filter((one) => one !== undefined);
  for (const one of [...older, ...whole]) {
    if (await target.comesTo(context, "retire", one, "refused")) continue;
    const message = `an older credential is still accepted, ${settlesWithinSeconds} s after it was revoked`;
    const hint = "revoke it at its issuer by hand";
    throw failure(context, "retire", "NOT_RETIRED", message, { retryable: true, hint });
  }
  return older.length === 0 ? undefined : "the target refuses the credential before";
}
