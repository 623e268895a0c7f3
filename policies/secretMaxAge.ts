import { currentVersion, type LiveConfig, lyingTag } from "./pack/currentVersion";
import { secretPolicy } from "./pack/secretPolicy";
import { days } from "./rules/configSchema";
import { kindNames } from "./rules/kinds";
import { developmentMaxAgeDays, longestMaxAgeDays, type MaxAgeConfig } from "./rules/maxAge";
import { isManaged } from "./rules/secret";
import { checkMaxAge } from "./rules/secretMaxAge";

/**
 * AWSCURRENT is not older than its limit. Source: the tag `rotated-at` of the Secret; with `verify: "live"` Secrets
 * Manager's creation date of AWSCURRENT too. Default limits in days: database 90, app 90, api-key 90, jwt 180,
 * ssh-key 365, certificate 365, and 60 for all in development; the tag `max-age-days` overrides them for one secret.
 */
export const secretMaxAge = secretPolicy<MaxAgeConfig & LiveConfig>({
  name: "secret-max-age",
  description: "A secret is rotated before it reaches the maximum age of its kind.",
  configSchema: {
    maxAgeDays: {
      type: "object",
      description: "Maximum age in days by kind; a secret's tag max-age-days may only tighten what is set here",
      properties: Object.fromEntries(
        kindNames.map((kind) => [kind, { type: "integer", minimum: 1, maximum: longestMaxAgeDays } as const]),
      ),
      additionalProperties: false,
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
