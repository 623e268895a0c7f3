import type { Known } from "../../infra/known";
import { secretUrn, secretVersionUrn, workloadName } from "../../infra/names";
import { noRotation, type SettledSecret } from "../../infra/rotation";
import { describeError, RotationError } from "../errors";
import type { Ports } from "../ports";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { type ResourceEvent, targetsOf, update } from "../stack/update";
import { urnsOf } from "../stack/urns";
import { stampOf } from "./endings";
import { Interruption } from "./interruption";
import type { Updating } from "./rotateVersions";
import type { Run } from "./run";
import { whenFree } from "./whenFree";

/** The second update. It scrubs every secret of the run, and stamps those that did not fail. */
export async function settle(updating: Updating, ports: Ports): Promise<void> {
  const { open, run, runId, observer, now } = updating;
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
    targets: targetsOf(open, names, "values"),
    message: `settle ${runId}`,
    onResource: ({ phase, urn, message = "" }: ResourceEvent) => phase === "failed" && messages.set(urn, message),
    interruption: new Interruption(),
  };
  // Somebody else may have got the lock since the first update: that one is done, and the run is not as if untouched.
  const scrub = async () => {
    const recorded = failed ? await open.recorded() : updating.recorded;
    const known = failed ? knownIn(recorded) : knownAfter(run, knownIn(recorded));
    const rotation = { ...noRotation(now), settled, known };
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
    const { name, consumers } = plan.context.secret;
    for (const workload of consumers.map(workloadName)) {
      workloads.set(workload, new Set([...(workloads.get(workload) ?? []), name]));
    }
  }
  const versioned = new Set([...known.versioned, ...run.entries.keys()]);
  return {
    versioned,
    valued: versioned,
    externalSecrets: known.externalSecrets,
    workloads,
  };
}
