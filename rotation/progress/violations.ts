import type { PolicyViolation } from "../../policies/rules";
import { newTable } from "./table";

/** Violations by secret, the mandatory ones of each first. */
export function violationTable(violations: readonly PolicyViolation[]): string {
  const table = newTable(["secret", "policy", "level", "what to do"], { colWidths: [24, 24, 11, 60] });
  const ofSecret = Map.groupBy(violations, ({ secret }) => secret ?? "the stack");
  for (const [secret, found] of ofSecret) {
    const sorted = found.toSorted((a, b) => b.level.localeCompare(a.level));
    sorted.forEach(({ policy, level, message }, i) => {
      table.push([i === 0 ? secret : "", policy, level, message]);
    });
  }
  return table.toString();
}
