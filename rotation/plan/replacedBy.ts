import type { BackedUp } from "../backup/file";
import type { PlannedSecret } from "./plannedSecret";

/** The versions whose values a run takes out of use. What AWS has replaced is out of use already. One that is resumed after AWSCURRENT has moved did so before. */
export function replacedBy(plans: readonly PlannedSecret[]): BackedUp[] {
  return plans.flatMap(({ context, mode, oldVersionId, newVersionId }) =>
    mode === "follow" || oldVersionId === undefined || oldVersionId === newVersionId
      ? []
      : [{ secret: context.secret.name, versionId: oldVersionId }],
  );
}
