import type { ResourceValidationPolicy } from "@pulumi/policy";
import { levelByEnvironment } from "./pack/definePolicy";
import { takeSilent } from "./pack/enabledPolicies";
import { types } from "./pack/types";
import { disabledSilently, stayEnabled } from "./rules/evaluateSecret";

/**
 * A policy is turned off with a reason and an end only (its configuration `disabled`), not by its enforcement level.
 * The engine does not run such a policy at all, so this one, the last of the pack, looks which of them were run on the
 * stack. It has no configuration but its own level.
 */
export function policiesStayEnabled(policies: readonly ResourceValidationPolicy[]): ResourceValidationPolicy {
  const watched = policies.map(({ name }) => name);
  return {
    name: stayEnabled,
    description: "A policy of this pack is disabled with a reason and an end date only.",
    enforcementLevel: levelByEnvironment,
    configSchema: { properties: {} },
    validateResource: (args, report) => {
      if (args.type !== types.stack) return;
      for (const policy of takeSilent(watched)) report(disabledSilently(policy));
    },
  };
}
