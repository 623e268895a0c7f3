import type { StandingWaiver } from "../../policies/rules";
import type { AuditRecord } from "../audit/record";
import type { Period } from "./period";
import type { Member } from "./population";

/** What a reader of the evidence has to know, so that nothing is taken for said that was not. */
export function remarksOf({
  period,
  now,
  runs,
  population,
  exceptions,
  ofTrail,
}: {
  readonly period: Period;
  readonly now: Date;
  readonly runs: readonly AuditRecord[];
  readonly population: readonly Member[];
  readonly exceptions: readonly StandingWaiver[] | undefined;
  readonly ofTrail: readonly string[];
}): string[] {
  const list = (members: readonly Member[]) => members.map(({ secret }) => secret).join(", ");
  const unreasoned = population.filter(isLongerWithoutReason);
  const idle = population.filter(({ declared, rotations }) => declared && rotations === 0);
  const [ours, others] = [
    idle.filter(({ rotatedHere }) => rotatedHere),
    idle.filter(({ rotatedHere }) => !rotatedHere),
  ];
  const gone = population.filter(({ declared }) => !declared);
  const open = runs.filter(({ state }) => state === "started").map(({ runId }) => runId);
  const remarks = [
    ...ofTrail.map((remark) => `audit trail: ${remark}`),
    "state, age and limit of each secret, and the exceptions, are those of the time at which this was made",
    period.to === now.toISOString().slice(0, 10) ? `${period.to} (UTC) was not over yet` : undefined,
    open.length > 0 ? `started and not ended, as after a kill: run ${open.join(", ")}` : undefined,
    gone.length > 0 ? `in the audit trail of the period, and not declared now: ${list(gone)}` : undefined,
    ours.length > 0 ? `without a rotation in the period: ${list(ours)}` : undefined,
    others.length > 0 ? `rotated by AWS or by hand, which the audit trail does not know: ${list(others)}` : undefined,
    unreasoned.length > 0
      ? `with a limit above that of their kind, and no maxAgeReason: ${list(unreasoned)}`
      : undefined,
    exceptions === undefined ? "no --policy-config was named: exceptions of the policies are not known" : undefined,
  ];
  return remarks.filter((remark) => remark !== undefined);
}

function isLongerWithoutReason({ maxAgeDays = 0, defaultMaxAgeDays = 0, maxAgeReason }: Member): boolean {
  return maxAgeDays > defaultMaxAgeDays && maxAgeReason === undefined;
}
