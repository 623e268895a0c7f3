import type { Impact } from "../plan/impact";
import { newTable } from "./table";

/** What an emergency breaks, by secret. */
export function impactTable(impact: readonly Impact[]): string {
  const table = newTable(["secret", "breaks", "restarts"]);
  for (const { secret, breaks, restarts } of impact) table.push([secret, breaks.join("\n"), restarts.join("\n")]);
  return table.toString();
}
