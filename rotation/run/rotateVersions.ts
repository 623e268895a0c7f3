import type { Rotation } from "../../infra/rotation";
import { describeError, RotationError, StackLockedError } from "../errors";
import { gateHooks } from "../gates/hooks";
import { rotatingSecret } from "../plan/planRotation";
import type { OpenStack } from "../stack/openStack";
import { knownIn, type RecordedStack } from "../stack/recordedStack";
import { targetsOf, update } from "../stack/update";
import type { Endings } from "./endings";
import { follow } from "./follow";
import type { Interruption } from "./interruption";
import type { Observer } from "./observer";
import type { Entry, Run } from "./run";
import { superseded } from "./superseded";
import { whenFree } from "./whenFree";

export interface Updating {
  readonly open: OpenStack;
  readonly run: Run;
  readonly runId: string;
  readonly observer: Observer;
  readonly interruption: Interruption;
  /** What the stack's state held before this run. */
  readonly recorded: RecordedStack;
  readonly now: string;
  readonly lockTimeoutSeconds: number | undefined;
  readonly endings: Endings;
}

/**
 * Writes the new versions and brings them through the gates "prove" and "synced" to the workloads: one update for
 * all secrets. What fails is recorded in the run. Where a failed secret held up another one (they share a workload), the
 * update is repeated without the failed one.
 *
 * @throws {StackLockedError} when another update holds the stack before the first one; nothing was touched then
 * @param values  by name, the new values of those that are not resumed
 */
export async function rotateVersions(updating: Updating, values: ReadonlyMap<string, string>): Promise<void> {
  let pending = updating.run.alive();
  let write = values;
  let isFirst = true;
  while (pending.length > 0) {
    const attempt = () => updateOnce(updating, pending, write);
    const error = await (isFirst ? firstUpdate(attempt) : whenFree(updating, attempt));
    isFirst = false;
    const alive = pending.filter((entry) => entry.error === undefined);
    if (error === undefined) return failSuperseded(alive);
    const left = await heldUp(updating, alive).catch((unread: unknown) => {
      for (const entry of alive) blameUpdate(updating.run, entry, unread);
      return [];
    });
    // Nothing failed that could be named, or nothing was held up by it: a repetition would change nothing.
    if (alive.length === pending.length) for (const entry of left) blameUpdate(updating.run, entry, error);
    pending = left.filter((entry) => entry.error === undefined);
    write = new Map([...values].filter(([name]) => updating.run.entries.get(name)?.versionId === undefined));
  }
}

async function firstUpdate(attempt: () => Promise<unknown>): Promise<unknown> {
  return attempt().catch((error: unknown) => {
    throw error instanceof StackLockedError ? new StackLockedError(`nothing was changed: ${error.message}`) : error;
  });
}

/** The message is one argument of the CLI's. */
const namesInMessage = 50;

async function updateOnce(
  updating: Updating,
  pending: readonly Entry[],
  values: ReadonlyMap<string, string>,
): Promise<unknown> {
  const { open, run, runId, interruption } = updating;
  run.stoppedByGate.clear();
  const names = new Set(pending.map(({ plan }) => plan.context.secret.name));
  const rotating = new Map(
    pending.map(({ plan }) => {
      const { name } = plan.context.secret;
      return [name, rotatingSecret(plan, values.get(name))];
    }),
  );
  const rotation: Rotation = {
    rotating,
    settled: new Map(),
    known: knownIn(updating.recorded),
    now: updating.now,
    ...gateHooks(run, updating.observer),
  };
  return update(open, rotation, {
    targets: targetsOf(open, names, "all"),
    message: `rotate ${names.size > namesInMessage ? `${names.size} secrets` : [...names].join(", ")} (${runId})`,
    onResource: (event) =>
      follow(open.config.stack, run, updating.observer, event, (entry) => updating.endings.reached(entry)),
    interruption,
  });
}

/** Those whose version has not reached every ExternalSecret and workload. */
async function heldUp({ open }: Updating, alive: readonly Entry[]): Promise<Entry[]> {
  if (alive.length === 0) return [];
  const recorded = await open.recorded();
  return alive.filter((entry) => {
    const known = recorded.get(entry.plan.context.secret.name);
    entry.versionId ??= known?.version?.counter === entry.plan.counter ? known.version.id : undefined;
    return entry.versionId === undefined || !known?.reached(entry.versionId);
  });
}

function blameUpdate(run: Run, { plan }: Entry, error: unknown): void {
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

/** Those for which the update succeeded without this run's gate. */
function failSuperseded(entries: readonly Entry[]): void {
  for (const entry of entries.filter(({ versionId }) => versionId === undefined)) {
    entry.error = superseded(entry.plan.context.secret.name);
  }
}
