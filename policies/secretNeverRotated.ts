import { definePolicy, levelByEnvironment } from "./pack/definePolicy";
import { secretFactsOf } from "./pack/secretFacts";
import { types } from "./pack/types";
import { days, rotatingNow, waivers } from "./rules/configSchema";
import { type RotatingConfig, whileRotating } from "./rules/rotatingNow";
import { namesOf } from "./rules/secret";
import { checkNeverRotated, defaultAfterDays, type NeverRotatedConfig } from "./rules/secretNeverRotated";

/**
 * A secret gets its first rotation soon after it was created, as until then it has no value of its own. Source: the
 * tags `created-at` and `rotated-at` of the Secret. Default: 1 day.
 */
export const secretNeverRotated = definePolicy<NeverRotatedConfig & RotatingConfig>({
  name: "secret-never-rotated",
  description: "A new secret is rotated for the first time soon after it was created.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    afterDays: days("Days after its creation in which a secret may wait for its first rotation", defaultAfterDays),
    rotatingNow,
    ...waivers("secret"),
  },
  appliesTo: (type) => type === types.secret,
  validate: (resource, run) => {
    const secret = secretFactsOf(resource);
    const names = namesOf(secret, run);
    return { names, violations: whileRotating(checkNeverRotated(secret, run, run.config), names, run.config) };
  },
});
