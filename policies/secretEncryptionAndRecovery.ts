import { at, textAt } from "./pack/plain";
import { secretPolicy } from "./pack/secretPolicy";
import { days } from "./rules/configSchema";
import { isDevelopment } from "./rules/environments";
import { environmentOf } from "./rules/secret";

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
export const secretEncryptionAndRecovery = secretPolicy<Config>({
  name: "secret-encryption-and-recovery",
  description: "In production a secret is encrypted by a customer-managed KMS key, and recoverable after a deletion.",
  configSchema: {
    minimumRecoveryDays: days("Shortest recovery window in days", defaultMinimumRecoveryDays, {
      minimum: 7,
      maximum: 30,
    }),
  },
  curedByRotation: false,
  check: (secret, run, { props }) => {
    if (isDevelopment(environmentOf(secret, run))) return [];
    const key = at(props, "kmsKeyId");
    const window = at(props, "recoveryWindowInDays");
    const minimum = run.config.minimumRecoveryDays ?? defaultMinimumRecoveryDays;
    const ownKey = "Set kmsKeyId to a customer-managed key";
    const messages: string[] = [];
    if (key === undefined || key === null || key === "") {
      messages.push(`${secret.name} is encrypted by the key that AWS manages. ${ownKey}`);
    }
    if (awsManagedKey.test(textAt(props, "kmsKeyId") ?? "")) {
      messages.push(`${secret.name} names the key that AWS manages. ${ownKey}`);
    }
    if (typeof window === "number" && window < minimum) {
      const longer = `Set recoveryWindowInDays to ${minimum} or more`;
      messages.push(`${secret.name} has a recovery window of ${window} days, its minimum is ${minimum}. ${longer}`);
    }
    return messages.map((message) => ({ message }));
  },
});
