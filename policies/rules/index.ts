/** The rules without Pulumi: what `rotation check` runs on live secrets is what the pack runs on a stack. */
export type { Level } from "./environments";
export {
  type Evaluation,
  evaluateConfig,
  evaluateSecret,
  type PolicyViolation,
  type SecretPolicy,
  type SecretStatus,
  secretPolicies,
  statusOf,
} from "./evaluateSecret";
export type { StandingWaiver } from "./exceptions";
export { type PackConfig, refusedKey, waiversIn, whileRotatingSecrets } from "./packConfig";
export { runVariable } from "./rotatingNow";
export type { SecretFacts } from "./secret";
export { secretAge } from "./secretAge";
