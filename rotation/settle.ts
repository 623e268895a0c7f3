import { workloadName } from "../infra/names";
import { noRotation, type SettledSecret } from "../infra/rotation";
import type { Known } from "../infra/stackOutputs";
import { describeError, RotationError } from "./errors";
import { Interruption } from "./interruption";
import type { Ports } from "./ports";
import type { Updating } from "./rotateVersions";
import type { Run } from "./run";
import { knownIn } from "./stack/recordedStack";
import { targetsOf, update } from "./stack/update";

/** The second update. It scrubs every secret of the run, and stamps those that did not fail. */
export async function settle({ open, run, runId, observer, known, now }: Updating, ports: Ports): Promise<void> {
  const names = new Set(run.entries.keys());
  const rotatedAt = ports.clock.now().toISOString();
  const alive = run.alive();
  const settled = new Map<string, SettledSecret>(
    alive.map(({ plan, versionId }) => [
      plan.context.secret.name,
      { rotatedAt, rotatedVersion: versionId ?? "", rotatedBy: runId },
    ]),
  );
  // After a failure only the state tells which resources came in: one left out of the program would be a deletion.
  const knownNow = alive.length < names.size ? knownIn(await open.recorded()) : knownAfter(run, known);
  const rotation = { ...noRotation(now), settled, known: knownNow };
  for (const name of names) observer.stepStarted(name, "settle");
  // Not ended by an interruption: without it the values would stay in the state, encrypted, until the next update.
  const options = {
    targets: targetsOf(open, names, "values"),
    message: `settle ${runId}`,
    onResource: () => undefined,
    interruption: new Interruption(),
  };
  const error = await update(open, rotation, options);
  for (const { plan } of error === undefined ? [] : alive) {
    const { name } = plan.context.secret;
    const message = `rotated, but not stamped: ${describeError(error)}`;
    const hint = "the new value is in use; run the same command again to finish";
    run.fail(
      name,
      new RotationError("UPDATE_FAILED", { secret: name, step: "settle" }, message, {
        retryable: true,
        hint,
        cause: error,
      }),
    );
  }
  for (const name of names) observer.stepEnded(name, "settle", error as Error | undefined);
}

/** What the stack has got when everything of the run went well. */
function knownAfter(run: Run, known: Known): Known {
  const restarted = run.alive().flatMap(({ plan }) => plan.context.secret.consumers.map(workloadName));
  return {
    versioned: new Set([...known.versioned, ...run.entries.keys()]),
    workloads: new Set([...known.workloads, ...restarted]),
  };
}
