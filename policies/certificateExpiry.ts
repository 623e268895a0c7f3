import { definePolicy, levelByEnvironment } from "./pack/definePolicy";
import { secretFactsOf } from "./pack/secretFacts";
import { types } from "./pack/types";
import {
  type CertificateExpiryConfig,
  checkCertificateExpiry,
  defaultAdvisoryDays,
  defaultMandatoryDays,
} from "./rules/certificateExpiry";
import { days, rotatingNow, waivers } from "./rules/configSchema";
import { type RotatingConfig, whileRotating } from "./rules/rotatingNow";
import { namesOf } from "./rules/secret";

/**
 * A certificate is renewed long before it ends. Source: the tag `not-after` of the Secret. Default: nearer than 60
 * days is advice in every environment, nearer than 30 a violation at the policy's level.
 */
export const certificateExpiry = definePolicy<CertificateExpiryConfig & RotatingConfig>({
  name: "certificate-expiry",
  description: "A certificate is renewed long before it ends.",
  enforcementLevel: levelByEnvironment,
  configSchema: {
    advisoryDays: days("Days before its end from which on a certificate is reported as advice", defaultAdvisoryDays),
    mandatoryDays: days("Days before its end from which on it is a violation", defaultMandatoryDays),
    rotatingNow,
    ...waivers("secret"),
  },
  appliesTo: (type) => type === types.secret,
  validate: (resource, run) => {
    const secret = secretFactsOf(resource);
    const names = namesOf(secret, run);
    return { names, violations: whileRotating(checkCertificateExpiry(secret, run, run.config), names, run.config) };
  },
});
