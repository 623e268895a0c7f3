import type { StackConfig } from "../../infra/config/stackConfig";
import { UsageError } from "../errors";
import type { Ports } from "../ports";
import { calendarOf } from "../schedule/calendar";

/**
 * Refuses what somebody asks for by hand inside a freeze, unless they say why. A dry run changes nothing: it is told on stderr.
 *
 * @throws {UsageError} inside a freeze
 */
export function refuseInFreeze(
  { schedule, stack }: StackConfig,
  { clock }: Pick<Ports, "clock">,
  { inFreeze, dryRun }: { readonly inFreeze?: string; readonly dryRun?: boolean },
): void {
  const freeze = calendarOf(schedule).freezeAt(clock.now());
  if (!freeze || inFreeze !== undefined) return;
  const text = `stack ${stack} is frozen until ${freeze.to.toISOString()}: ${freeze.reason}`;
  const cure = 'Wait for its end, or say why it has to be now: --in-freeze "reason"';
  if (!dryRun) throw new UsageError(`${text}. ${cure}`);
  process.stderr.write(`${text}. Without --dry-run this is refused. ${cure}\n`);
}
