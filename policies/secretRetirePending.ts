import { secretPolicy } from "./pack/secretPolicy";
import { days } from "./rules/configSchema";
import { checkRetirePending, defaultAfterDays, type RetirePendingConfig } from "./rules/secretRetirePending";

/**
 * An older credential is taken out of use soon after its grace period, as until then two are valid; one that was made known
 * is activated as soon. Source: the tags `phase`,
 * `phase-until` and `retire-pending` of the Secret. Default: 7 days.
 */
export const secretRetirePending = secretPolicy<RetirePendingConfig>({
  name: "secret-retire-pending",
  description: "What a rotation has replaced is retired soon after its grace period.",
  configSchema: {
    afterDays: days("Days after the grace period in which an older credential may stay valid", defaultAfterDays),
  },
  curedByRotation: true,
  check: (secret, run) => checkRetirePending(secret, run, run.config),
});
