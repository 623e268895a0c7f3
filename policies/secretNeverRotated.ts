import { secretPolicy } from "./pack/secretPolicy";
import { days } from "./rules/configSchema";
import { checkNeverRotated, defaultAfterDays, type NeverRotatedConfig } from "./rules/secretNeverRotated";

/**
 * A secret gets its first rotation soon after it was created, as until then it has no value of its own. Source: the
 * tags `created-at` and `rotated-at` of the Secret. Default: 1 day.
 */
export const secretNeverRotated = secretPolicy<NeverRotatedConfig>({
  name: "secret-never-rotated",
  description: "A new secret is rotated for the first time soon after it was created.",
  configSchema: {
    afterDays: days("Days after its creation in which a secret may wait for its first rotation", defaultAfterDays),
  },
  curedByRotation: true,
  check: (secret, run) => checkNeverRotated(secret, run, run.config),
});
