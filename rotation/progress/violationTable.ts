import type { PolicyViolation } from "../../policies/rules";
import { newTable } from "./table";

const messageWidth = 60;

/** Violations by secret, the mandatory ones of each first. Only what to do is broken into lines: the rest is copied. */
export function violationTable(violations: readonly PolicyViolation[]): string {
  const table = newTable(["secret", "policy", "level", "what to do"], { colWidths: [null, null, null, messageWidth] });
  const ofSecret = Map.groupBy(violations, ({ secret }) => secret ?? "the stack");
  for (const [secret, found] of ofSecret) {
    const sorted = found.toSorted((a, b) => b.level.localeCompare(a.level));
    sorted.forEach(({ policy, level, message }, i) => {
      table.push([i === 0 ? secret : "", policy, level, message]);
    });
  }
  return table.toString();
}
