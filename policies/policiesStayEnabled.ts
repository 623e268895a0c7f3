import type { ResourceValidationPolicy } from "@pulumi/policy";
import { configuredFor, pinLevel } from "./pack/configuredLevels";
import { levelByEnvironment, send } from "./pack/definePolicy";
import { types } from "./pack/types";
import { loweredWaiver } from "./rules/configSchema";
import type { WaiverConfig } from "./rules/exceptions";
import { type AppliedLevel, checkLevels, stayEnabled } from "./rules/levels";

/**
 * A policy is turned off, or made to count for less, with a reason and an end only (its configuration `disabled` and
 * `lowered`), not by its enforcement level. The engine does not run a policy that is off, so this one looks at the levels
 * of all. Its own is that of the environment: no configuration changes it.
 */
export function policiesStayEnabled(policies: readonly ResourceValidationPolicy[]): ResourceValidationPolicy {
  const description = "A policy of this pack is disabled or lowered with a reason and an end date only.";
  pinLevel(stayEnabled, levelByEnvironment);
  return {
    name: stayEnabled,
    description,
    enforcementLevel: levelByEnvironment,
    configSchema: { properties: { lowered: loweredWaiver } },
    validateResource: (args, report) => {
      if (args.type !== types.stack) return;
      const levels = policies.map(({ name, enforcementLevel }) => {
        const byDefault = enforcementLevel as AppliedLevel;
        const { level = byDefault, properties = {} } = configuredFor(name) ?? {};
        return { policy: name, byDefault, configured: level, lowered: (properties as WaiverConfig).lowered };
      });
      const { lowered } = args.getConfig<WaiverConfig>();
      for (const violation of checkLevels(levels, lowered, new Date())) send(report, description, violation);
    },
  };
}
