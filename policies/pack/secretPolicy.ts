import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type JsonSchemas, rotatingNow, waivers } from "../rules/configSchema";
import { type RotatingConfig, whileRotating } from "../rules/rotatingNow";
import { namesOf, type SecretFacts, type Violation } from "../rules/secret";
import { definePolicy, levelByEnvironment, type PolicyRun, type Resource } from "./definePolicy";
import { secretFactsOf } from "./secretFacts";
import { stackContext } from "./stackContext";
import { types } from "./types";

/** A policy that judges one Secret at a time, mandatory outside of development. */
export interface SecretPolicyDefinition<Config> {
  readonly name: string;
  readonly description: string;
  /** Beside what every policy takes. */
  readonly configSchema: JsonSchemas;
  /** Whether a rotation cures what it reports, as it does the age of a secret: then it takes `rotatingNow`. */
  readonly curedByRotation: boolean;
  readonly check: (
    secret: SecretFacts,
    run: PolicyRun<Config>,
    resource: Resource,
  ) => Violation[] | Promise<Violation[]>;
}

export function secretPolicy<Config extends object>(
  definition: SecretPolicyDefinition<Config>,
): ResourceValidationPolicy {
  const { name, description, configSchema, curedByRotation, check } = definition;
  return definePolicy<Config & RotatingConfig>({
    name,
    description,
    enforcementLevel: levelByEnvironment,
    configSchema: { ...configSchema, ...(curedByRotation && { rotatingNow }), ...waivers("secret") },
    appliesTo: (type) => type === types.secret,
    validate: async (resource, run) => {
      const secret = secretFactsOf(resource);
      const names = namesOf(secret, run);
      const found = await check(secret, run, resource);
      return { names, violations: curedByRotation ? whileRotating(found, names, run.config, stackContext.run) : found };
    },
  });
}
