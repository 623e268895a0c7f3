import { currentVersion, type LiveConfig, lyingTag } from "./pack/currentVersion";
import { secretPolicy } from "./pack/secretPolicy";
import { days } from "./rules/configSchema";
import { developmentMaxAgeDays, longestMaxAgeDays, type MaxAgeConfig } from "./rules/maxAge";
import { isManaged } from "./rules/secret";
import { checkMaxAge } from "./rules/secretMaxAge";

/**
 * AWSCURRENT is not older than its limit. Source: the tag `rotated-at` of the Secret; with `verify: "live"` Secrets
 * Manager's creation date of AWSCURRENT too. The limit is the tag `max-age-days`, 90 days without it, and at most 60 in
 * development.
 */
export const secretMaxAge = secretPolicy<MaxAgeConfig & LiveConfig>({
  name: "secret-max-age",
  description: "A secret is rotated before it reaches the maximum age of its kind.",
  configSchema: {
    maxAgeDays: {
      type: "object",
      description: "Maximum age in days by kind; a secret's tag max-age-days may only tighten what is set here",
      additionalProperties: { type: "integer", minimum: 1, maximum: longestMaxAgeDays },
    },
    developmentMaxAgeDays: days("Cap in days of all secrets in development", developmentMaxAgeDays, { minimum: 1 }),
    secrets: {
      type: "object",
      description: "Maximum age in days of single secrets by name, whatever their tags say",
      additionalProperties: { type: "integer", minimum: 1, maximum: longestMaxAgeDays },
    },
    verify: {
      type: "string",
      enum: ["tags", "live"],
      default: "tags",
      description: "live: ask Secrets Manager, one call a secret, when AWSCURRENT was created",
    },
    verifyToleranceDays: days("live: days by which the tag rotated-at may differ from that date", 1),
  },
  curedByRotation: true,
  check: async (secret, run, { provider }) => {
    if (run.config.verify !== "live" || !isManaged(secret)) return checkMaxAge(secret, run, run.config);
    const current = await currentVersion(secret.name, provider);
    return current.state === "unknown"
      ? [{ message: current.reason }, ...checkMaxAge(secret, run, run.config)]
      : [...lyingTag(secret, run, current.createdAt), ...checkMaxAge(secret, run, run.config, current.createdAt)];
  },
});
