import { describeWaiver, type Waiver } from "./exceptions";
import type { Violation } from "./secret";

/** The policy that looks after the levels of the others. Its own is that of the environment, whatever is configured. */
export const stayEnabled = "policies-stay-enabled";

export type AppliedLevel = "advisory" | "mandatory" | "disabled";

/** One policy, with the level that it has by default and the one that is configured. */
export interface LevelOfPolicy {
  readonly policy: string;
  readonly byDefault: AppliedLevel;
  readonly configured: AppliedLevel;
  /** Its configuration `lowered`. */
  readonly lowered: Waiver | undefined;
}

/**
 * What is to be said of the levels: a policy that counts for less than by default needs a reason and an end, of its own
 * or, for all of them, of {@link stayEnabled}. One that does not count at all has to be `disabled`.
 *
 * @param forAll  the configuration `lowered` of the policy that looks after the levels
 */
export function checkLevels(policies: readonly LevelOfPolicy[], forAll: Waiver | undefined, now: Date): Violation[] {
  const disabled = policies.filter(({ configured }) => configured === "disabled");
  const lowered = policies.filter(
    ({ byDefault, configured }) => byDefault === "mandatory" && configured === "advisory",
  );
  const together = lowered.filter((policy) => policy.lowered === undefined).map(({ policy }) => policy);
  return [
    ...disabled.map(({ policy }) => ({ message: disabledSilently(policy) })),
    ...lowered.flatMap(({ policy, lowered: own }) =>
      own ? describeWaiver(`${policy} is lowered to advisory`, `lowered of ${policy}`, own, now) : [],
    ),
    ...(together.length > 0 ? [ofAll(together, forAll, now)] : []),
    // What has ended covers nothing, and is to be removed.
    ...unused(policies, lowered, together.length > 0 ? undefined : forAll, now),
  ];
}

function ofAll(policies: readonly string[], waiver: Waiver | undefined, now: Date): Violation {
  const are = `${policies.join(", ")} ${policies.length === 1 ? "is" : "are"} lowered to advisory`;
  if (waiver) return describeWaiver(are, `lowered of ${stayEnabled}`, waiver, now);
  return {
    message:
      `${are}, which says neither why nor for how long: add "lowered": { "reason": "…", "until": "YYYY-MM-DD" } ` +
      `to the policy's configuration, or to that of ${stayEnabled} for all`,
  };
}

/** Waivers that nothing needs: those that have ended, or are incomplete, are said all the same. */
function unused(
  policies: readonly LevelOfPolicy[],
  lowered: readonly LevelOfPolicy[],
  forAll: Waiver | undefined,
  now: Date,
): Violation[] {
  const own = policies
    .filter((policy) => !lowered.includes(policy))
    .flatMap(({ policy, lowered: waiver }) => (waiver ? [[policy, waiver] as const] : []));
  const all = forAll ? [[stayEnabled, forAll] as const] : [];
  return [...own, ...all]
    .map(([policy, waiver]) => describeWaiver(`lowered of ${policy} is in force`, `lowered of ${policy}`, waiver, now))
    .filter(({ level }) => level === undefined);
}

function disabledSilently(policy: string): string {
  return (
    `${policy} is disabled by its enforcementLevel, which says neither why nor for how long: ` +
    `configure "${policy}": { "disabled": { "reason": "…", "until": "YYYY-MM-DD" } } instead`
  );
}
