import { describeError, RotationError } from "../errors";
import type { Entry, Run } from "../gates/run";
import { superseded } from "../gates/superseded";
import type { Updating } from "./updating";

/** An update failed by nothing that could be named: it is this secret's failure. */
export function blameUpdate(run: Run, { plan }: Entry, error: unknown): void {
  const secret = plan.context.secret.name;
  run.fail(
    secret,
    new RotationError("UPDATE_FAILED", { secret, step: "create" }, describeError(error), {
      retryable: true,
      hint: "run the same command again: it goes on where this one stopped",
      cause: error,
    }),
  );
}

/** Those that no update has got to. */
export function blameRest({ run }: Updating, error: unknown): void {
  for (const entry of run.alive()) if (entry.versionId === undefined) blameUpdate(run, entry, error);
}

/** Those for which the update succeeded without this run's gate. */
export function failSuperseded(entries: readonly Entry[]): void {
  for (const entry of entries.filter(({ versionId }) => versionId === undefined)) {
    entry.error = superseded(entry.plan.context.secret.name);
  }
}
