import type { PlannedSecret } from "../plan/planRotation";
import { isMandatory, PolicyError } from "./policyError";
import { type Previewing, previewRotation } from "./previewRotation";

/**
 * The age of what this run rotates counts as cured; every other mandatory policy stops it.
 *
 * @returns the seconds that it took; undefined: there is no pack
 * @throws {PolicyError} with all violations, one of them mandatory
 */
export async function policyGate(plans: readonly PlannedSecret[], previewing: Previewing): Promise<number | undefined> {
  if (previewing.pack === undefined) return undefined;
  const start = performance.now();
  const { violations } = await previewRotation(plans, previewing);
  if (violations.some(isMandatory)) throw new PolicyError(violations);
  return (performance.now() - start) / 1000;
}
