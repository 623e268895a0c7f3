import type { Known } from "../../infra/known";
import { workloadName } from "../../infra/names";
import { noRotation } from "../../infra/rotation";
import type { SettledSecret } from "../../infra/stamp";
import { patched, secretUrn, secretVersionUrn, urnsOf } from "../../infra/urns";
import { describeError, RotationError } from "../errors";
import type { Run } from "../gates/run";
import { Interruption } from "../interruption";
import { unwrittenOf } from "../plan/planRotation";
import { mend } from "../stack/mend";
import { partOf } from "../stack/partOf";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { type ResourceEvent, targetsOf, update } from "../stack/update";
import { stampOf } from "./endings";
import type { Updating } from "./updating";
import { whenFree } from "./whenFree";

/** The second update. It scrubs every secret of the run, and stamps those that did not fail. */
export async function settle(updating: Updating): Promise<void> {
  const { open, ports, run, runId, observer, now } = updating;
  const names = new Set(run.entries.keys());
  const settledAt = ports.clock.now();
  const alive = run.alive();
  const settled = new Map<string, SettledSecret>(
    alive.map((entry) => [entry.plan.context.secret.name, stampOf(entry, runId, settledAt)]),
  );
  // After a failure only the state tells which resources came in: one left out of the program would be a deletion.
  const failed = alive.length < names.size;
  for (const name of names) observer.stepStarted(name, "settle");
  const messages = new Map<string, string>();
  // Not ended by an interruption: without it the values would stay in the state, encrypted, until the next update.
  const options = {
    targets: targetsOf(
      open,
      names,
      "values",
      undefined,
      unwrittenOf([...run.entries.values()].map(({ plan }) => plan)),
    ),
    message: `settle ${runId}`,
    onResource: ({ phase, urn, message = "" }: ResourceEvent) => phase === "failed" && messages.set(urn, message),
    interruption: new Interruption(),
    savedOnce: true,
  };
  // Somebody else may have got the lock since the first update: that one is done, and the run is not as if untouched.
  const scrub = async () => {
    const recorded = failed ? await open.recorded() : updating.recorded;
    if (failed) await mend(open, recorded);
    const known = failed ? knownIn(recorded) : knownAfter(run, knownIn(recorded));
    const part = partOf(open.config, recorded, names);
    const rotation = { ...noRotation(now), settled, known, part };
    const error = await whenFree(updating, () => update(open, rotation, options));
    if (error === undefined) await forgetPending(updating, recorded);
    return error;
  };
  const error = await scrub().catch((failure: unknown) => failure);
  const { stack } = open.config;
  for (const { plan } of error === undefined ? [] : alive) {
    const { name } = plan.context.secret;
    const own = messages.get(secretUrn(stack, name)) ?? messages.get(secretVersionUrn(stack, name));
    // The other secrets of the update are settled, unless it failed as a whole.
    if (own !== undefined || messages.size === 0) run.fail(name, notSettled(name, own ?? describeError(error), error));
  }
  for (const name of names) observer.stepEnded(name, "settle", run.entries.get(name)?.error);
}

function notSettled(secret: string, text: string, cause: unknown): RotationError {
  const hint = "the new value is in use; run the same command again to finish";
  const more = { retryable: true, hint, cause };
  return new RotationError("UPDATE_FAILED", { secret, step: "settle" }, `rotated, but not settled: ${text}`, more);
}

/**
 * A creation that a killed engine has left under way holds a value, encrypted, and no update takes it out. Right after
 * one of this run: whoever else may have got the lock since then still has it, and then the state is not written.
 */
async function forgetPending({ open, run }: Updating, recorded: RecordedStack): Promise<void> {
  const secrets = [...run.entries.values()].map(({ plan }) => plan.context.secret);
  if (!secrets.some(({ name }) => recorded.get(name)?.pending)) return;
  await open.forgetPending(secrets.flatMap((secret) => urnsOf(open.config.stack, secret)));
}

/** What the stack has got when everything of the run went well. */
function knownAfter(run: Run, known: Known): Known {
  const workloads = new Map(known.workloads);
  for (const { plan } of run.alive()) {
    const { secret, reloaded } = plan.context;
    const { name } = secret;
    for (const workload of patched(secret, reloaded).map(workloadName)) {
      workloads.set(workload, new Set([...(workloads.get(workload) ?? []), name]));
    }
  }
  const written = [...run.entries].flatMap(([name, { plan }]) => (plan.mode === "follow" ? [] : [name]));
  const versioned = new Set([...known.versioned, ...written]);
  return {
    versioned,
    rotations: known.rotations,
    valued: versioned,
    externalSecrets: known.externalSecrets,
    workloads,
  };
}
