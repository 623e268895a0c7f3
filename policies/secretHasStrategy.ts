import { definePolicy, levelByEnvironment } from "./pack/definePolicy";
import { secretFactsOf } from "./pack/secretFacts";
import { types } from "./pack/types";
import { names, waivers } from "./rules/configSchema";
import { namesOf } from "./rules/secret";
import { checkHasStrategy, defaultEnvironments, type HasStrategyConfig } from "./rules/secretHasStrategy";

/**
 * No secret is forgotten: whatever lives under an environment's prefix names a kind this software rotates, or is
 * rotated by AWS. Source: name and tags `kind` and `strategy` of the Secret. Default prefixes: `dev/`, `development/`,
 * `staging/`, `prod/`, `production/`, and that of the stack's own environment.
 */
export const secretHasStrategy = definePolicy<HasStrategyConfig>({
  name: "secret-has-strategy",
  description: "Every secret under an environment's prefix names a kind that can be rotated, or is rotated by AWS.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    environments: {
      ...names("Environments whose secrets are looked at, beside the stack's own"),
      default: [...defaultEnvironments],
    },
    ...waivers("secret"),
  },
  appliesTo: (type) => type === types.secret,
  validate: (resource, run) => {
    const secret = secretFactsOf(resource);
    return { names: namesOf(secret, run), violations: checkHasStrategy(secret, run, run.config) };
  },
});
