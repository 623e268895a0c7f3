import { secretPolicy } from "./pack/secretPolicy";
import { names } from "./rules/configSchema";
import { checkHasStrategy, defaultEnvironments, type HasStrategyConfig } from "./rules/secretHasStrategy";

/**
 * No secret is forgotten: whatever lives under an environment's prefix names its kind, or is
 * rotated by AWS. Source: name and tags `kind` and `strategy` of the Secret. Default prefixes: `dev/`, `development/`,
 * `staging/`, `prod/`, `production/`, and that of the stack's own environment.
 */
export const secretHasStrategy = secretPolicy<HasStrategyConfig>({
  name: "secret-has-strategy",
  description: "Every secret under an environment's prefix names its kind, or is rotated by AWS.",
  configSchema: {
    environments: {
      ...names("Environments whose secrets are looked at, beside the stack's own"),
      default: [...defaultEnvironments],
    },
  },
  curedByRotation: false,
  check: (secret, run) => checkHasStrategy(secret, run, run.config),
});
