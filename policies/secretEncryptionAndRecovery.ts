import { definePolicy, levelByEnvironment } from "./pack/definePolicy";
import { at, textAt } from "./pack/plain";
import { secretFactsOf } from "./pack/secretFacts";
import { types } from "./pack/types";
import { days, waivers } from "./rules/configSchema";
import { isDevelopment } from "./rules/environments";
import { environmentOf, namesOf } from "./rules/secret";

interface Config {
  /** Default: 7. */
  readonly minimumRecoveryDays?: number;
}

const defaultMinimumRecoveryDays = 7;
const awsManagedKey = /(^|:)alias\/aws\/secretsmanager$/;

/**
 * Outside of development a secret is encrypted by a key of one's own, whose use is controlled and logged, and a deleted
 * secret can be recovered. Source: `kmsKeyId` and `recoveryWindowInDays` of the Secret (AWS's default: its own key, 30
 * days). Default: at least 7 days.
 */
export const secretEncryptionAndRecovery = definePolicy<Config>({
  name: "secret-encryption-and-recovery",
  description: "In production a secret is encrypted by a customer-managed KMS key, and recoverable after a deletion.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    minimumRecoveryDays: days("Shortest recovery window in days", defaultMinimumRecoveryDays, {
      minimum: 7,
      maximum: 30,
    }),
    ...waivers("secret"),
  },
  appliesTo: (type) => type === types.secret,
  validate: (resource, run) => {
    const secret = secretFactsOf(resource);
    const checked = { names: namesOf(secret, run), violations: [] };
    if (isDevelopment(environmentOf(secret, run))) return checked;
    const key = at(resource.props, "kmsKeyId");
    const window = at(resource.props, "recoveryWindowInDays");
    const minimum = run.config.minimumRecoveryDays ?? defaultMinimumRecoveryDays;
    const ownKey = "Set kmsKeyId to a customer-managed key";
    const violations = [
      ...(key === undefined || key === null || key === ""
        ? [{ message: `${secret.name} is encrypted by the key that AWS manages. ${ownKey}` }]
        : []),
      ...(awsManagedKey.test(textAt(resource.props, "kmsKeyId") ?? "")
        ? [{ message: `${secret.name} names the key that AWS manages. ${ownKey}` }]
        : []),
      ...(typeof window === "number" && window < minimum
        ? [
            {
              message: `${secret.name} has a recovery window of ${window} days, its minimum is ${minimum}. Set recoveryWindowInDays to ${minimum} or more`,
            },
          ]
        : []),
    ];
    return { ...checked, violations };
  },
});
