import { failure, type StrategyContext } from "../protocol";
import { complete, guarded } from "./guarded";
import type { OwnKind } from "./ownKind";
import type { Credential } from "./steps";
import type { Target } from "./target";

/**
 * A new credential: one that an interrupted run has left at the issuer, where the issuer still says all of it; else a new
 * one. What else was left is revoked first, so that an issuer with a limit never fills up.
 */
export async function newCredential(
  context: StrategyContext,
  { properties, steps }: Pick<OwnKind, "properties" | "steps">,
  target: Target,
  current: Credential | undefined,
): Promise<Credential> {
  const { find, issue, create, revoke } = steps;
  const isCurrent = (one: Credential) => current !== undefined && target.isSame(one, current);
  const revoked = async (all: readonly Credential[]) => {
    for (const one of all) await guarded(context, "create", "revoke", async (at) => revoke?.call(steps, at, one));
  };
  const known = issue && (find || context.emergency) ? await knownCredentials(context, target) : [];
  if (issue && find) {
    const left = await guarded(context, "create", "find", (at) => find.call(steps, at, known));
    const [adopted, ...others] = [...left].sort(
      (a, b) => Number(!!complete(b, properties)) - Number(!!complete(a, properties)),
    );
    // In an emergency what was there before is taken for compromised.
    const whole = adopted && !context.emergency ? complete(adopted, properties) : undefined;
    await revoked(whole ? others : left);
    if (whole) return whole;
  }
  const verb = issue ? "issue" : "create";
  const make = issue ?? create;
  const makes = () => guarded(context, "create", verb, async (at) => make?.call(steps, at, current));
  const made = await makes().catch(async (error: unknown) => {
    const older = known.filter((one) => !isCurrent(one));
    if (!context.emergency || older.length === 0) throw error;
    // They are taken for compromised as well, and an issuer that keeps two has no room for a third.
    await revoked(older);
    return makes();
  });
  const credential = typeof made === "object" && made !== null ? complete(made, properties) : undefined;
  if (credential && isCurrent(credential)) {
    const message = `${verb} of kind ${context.secret.kind} gave the current credential once more`;
    throw failure(context, "create", "ROTATOR_FAILED", message, { retryable: true, hint: "see its issuer" });
  }
  if (credential) return credential;
  const lacking = properties.filter((name) => typeof made?.[name] !== "string" || made[name] === "");
  const message = `${verb} of kind ${context.secret.kind} gave no ${lacking.join(" and no ")}`;
  throw failure(context, "create", "ROTATOR_FAILED", message, {
    hint: `it has to give ${properties.join(" and ")}, as texts`,
  });
}

/** Of every version that Secrets Manager keeps under a label. */
async function knownCredentials({ ports, fullName }: StrategyContext, target: Target): Promise<Credential[]> {
  const found = await ports.secretsManager.describe(fullName);
  const values = await Promise.all(
    Object.keys(found?.stages ?? {}).map((id) => ports.secretsManager.value(fullName, id)),
  );
  return values.flatMap((value) => target.allIn(value));
}
