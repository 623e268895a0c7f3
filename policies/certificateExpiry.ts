import { secretPolicy } from "./pack/secretPolicy";
import {
  type CertificateExpiryConfig,
  checkCertificateExpiry,
  defaultAdvisoryDays,
  defaultMandatoryDays,
} from "./rules/certificateExpiry";
import { days } from "./rules/configSchema";

/**
 * A certificate is renewed long before it ends. Source: the tags `not-after` and `renew-from` of the Secret. From `renew-from`
 * on it is advice, from half of the time between both on a violation at the policy's level; without `renew-from` nearer than 60
 * days is advice in every environment, nearer than 30 a violation.
 */
export const certificateExpiry = secretPolicy<CertificateExpiryConfig>({
  name: "certificate-expiry",
  description: "A certificate is renewed long before it ends.",
  configSchema: {
    advisoryDays: days("Days before its end from which on a certificate is reported as advice", defaultAdvisoryDays),
    mandatoryDays: days("Days before its end from which on it is a violation", defaultMandatoryDays),
  },
  curedByRotation: true,
  check: (secret, run) => checkCertificateExpiry(secret, run, run.config),
});
