import type { ResourceHookArgs } from "@pulumi/pulumi";
import type { ConsumerDeclaration } from "../infra/config/secretSchema";
import { consumerUrn, externalSecretUrn, forceSyncAnnotation, secretUrn, secretVersionUrn } from "../infra/names";
import { namespacesOf } from "../infra/config/rules";
import type { Rotation } from "../infra/rotation";
import { describeError, RotationError, type Step } from "./errors";
import { prove } from "./gates/prove";
import { synced } from "./gates/synced";
import { type Observer, observed } from "./observer";
import type { Entry, Run } from "./run";
import type { OpenStack } from "./stack/openStack";
import { type ResourceEvent, targetsOf, update } from "./stack/update";

export interface Updating {
  readonly open: OpenStack;
  readonly run: Run;
  readonly runId: string;
  readonly observer: Observer;
  readonly signal?: AbortSignal | undefined;
  /** By name: secrets that have a SecretVersion in the stack's state. */
  readonly versioned: ReadonlySet<string>;
  readonly now: string;
}

/**
 * Writes the new versions and brings them through the gates "prove" and "synced" to the awaited rollouts: one update for
 * all secrets. What fails is recorded in the run. Where a failed secret held up another one (they share a workload), the
 * update is repeated without the failed one.
 *
 * @param values  by name, the new values of those that are not resumed
 */
export async function rotateVersions(updating: Updating, values: ReadonlyMap<string, string>): Promise<void> {
  let pending = updating.run.alive();
  let write = values;
  while (pending.length > 0) {
    const error = await updateOnce(updating, pending, write);
    const alive = pending.filter((entry) => entry.error === undefined);
    if (error === undefined) return superseded(alive);
    const left = await heldUp(updating, alive);
    // Nothing failed that could be named, or nothing was held up by it: a repetition would change nothing.
    if (alive.length === pending.length) for (const entry of left) blameUpdate(updating.run, entry, error);
    pending = left.filter((entry) => entry.error === undefined);
    write = new Map([...values].filter(([name]) => updating.run.entries.get(name)?.versionId === undefined));
  }
}

async function updateOnce(updating: Updating, pending: readonly Entry[], values: ReadonlyMap<string, string>): Promise<unknown> {
  const { open, run, runId, signal } = updating;
  const names = new Set(pending.map(({ plan }) => plan.context.secret.name));
  const rotating = new Map(
    pending.map(({ plan }) => [plan.context.secret.name, { version: plan.counter, value: values.get(plan.context.secret.name) }]),
  );
  const rotation: Rotation = {
    rotating,
    settled: new Map(),
    versioned: new Set([...updating.versioned, ...names]),
    now: updating.now,
    ...gatesOf(updating),
  };
  return update(open, rotation, {
    targets: targetsOf(open, names, "all"),
    message: `rotate ${[...names].join(", ")} (${runId})`,
    onResource: (event) => follow(updating, run, event),
    signal,
  });
}

/** The gates as the program's hooks: each runs once for a secret, however many resources wait for it. */
function gatesOf({ run, observer }: Updating): Pick<Rotation, "prove" | "synced"> {
  const once = new Map<string, Promise<void>>();
  const gate = (key: string, secret: string, work: () => Promise<void>) => {
    const guarded = () => work().catch((error) => fail(run, secret, error));
    const result = once.get(key) ?? guarded();
    once.set(key, result);
    return result;
  };
  return {
    prove: (name, hook) =>
      gate(`prove ${name}`, name, async () => {
        const entry = entryOf(run, name);
        entry.versionId = versionIn(hook);
        await prove(entry.plan, entry.versionId, observer);
      }),
    async synced(names) {
      const alive = names.filter((name) => run.entries.get(name)?.error === undefined);
      const results = await Promise.allSettled(
        alive.map((name) =>
          gate(`synced ${name}`, name, () => {
            const { plan, versionId } = entryOf(run, name);
            return observed(observer, name, "sync", () => synced(plan.context, versionId ?? ""));
          }),
        ),
      );
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
  };
}

function entryOf(run: Run, name: string): Entry {
  const entry = run.entries.get(name);
  if (!entry) throw new Error(`${name} is not part of this run`);
  return entry;
}

function versionIn({ newInputs }: ResourceHookArgs): string {
  const { metadata } = newInputs as { metadata?: { annotations?: Record<string, string> } };
  const versionId = metadata?.annotations?.[forceSyncAnnotation];
  if (!versionId) throw new Error(`the ExternalSecret has no annotation ${forceSyncAnnotation}`);
  return versionId;
}

function fail(run: Run, secret: string, error: unknown): never {
  const known = error instanceof RotationError ? error : undefined;
  run.fail(secret, known ?? new RotationError("UPDATE_FAILED", { secret, step: "set" }, describeError(error), { cause: error }));
  throw error;
}

/** Turns what the engine tells of resources into the steps of secrets, and their failures into the secrets'. */
function follow({ open, observer }: Updating, run: Run, event: ResourceEvent): void {
  const { stack } = open.config;
  for (const [name, { plan, error }] of run.entries) {
    const { secret } = plan.context;
    const own = [secretUrn(stack, name), secretVersionUrn(stack, name)];
    const synced = namespacesOf(secret).map((namespace) => externalSecretUrn(stack, namespace, name));
    const consumer = secret.consumers.find((c: ConsumerDeclaration) => consumerUrn(stack, c) === event.urn);
    const step: Step | undefined = own.includes(event.urn)
      ? "create"
      : synced.includes(event.urn)
        ? "sync"
        : consumer && "rollout";
    if (step === undefined || event.op === "same" || error) continue;
    if (event.phase === "failed") {
      const code = step === "rollout" ? "ROLLOUT_FAILED" : step === "create" ? "AWS_FAILED" : "UPDATE_FAILED";
      run.fail(name, new RotationError(code, { secret: name, step }, event.message ?? "", hintOf(step, consumer)));
    }
    if (step === "sync") continue;
    if (event.phase === "started") observer.stepStarted(name, step);
    else observer.stepEnded(name, step, event.phase === "failed" ? new Error(event.message) : undefined);
  }
}

function hintOf(step: Step, consumer: ConsumerDeclaration | undefined): { retryable: boolean; hint?: string } {
  if (step !== "rollout" || !consumer) return { retryable: true };
  const { kind, namespace, name } = consumer;
  const hint = `the old pods go on. See kubectl describe ${kind.toLowerCase()} -n ${namespace} ${name}, mend it, and run the same command again`;
  return { retryable: true, hint };
}

/** Those whose version has not reached every ExternalSecret and workload. */
async function heldUp({ open, run }: Updating, alive: readonly Entry[]): Promise<Entry[]> {
  if (alive.length === 0) return [];
  const recorded = await open.recorded();
  return alive.filter((entry) => {
    const known = recorded.get(entry.plan.context.secret.name);
    entry.versionId ??= known?.version?.counter === entry.plan.counter ? known.version.id : undefined;
    return entry.versionId === undefined || !known?.reached(entry.versionId) || run.entries.size === 0;
  });
}

function blameUpdate(run: Run, { plan }: Entry, error: unknown): void {
  const secret = plan.context.secret.name;
  run.fail(secret, new RotationError("UPDATE_FAILED", { secret, step: "create" }, describeError(error), { cause: error }));
}

/** An update that succeeds without this run's gate means that the counter had been used: somebody else has rotated it. */
function superseded(entries: readonly Entry[]): void {
  for (const entry of entries.filter(({ versionId }) => versionId === undefined)) {
    const at = { secret: entry.plan.context.secret.name, step: "create" } as const;
    entry.error = new RotationError("SUPERSEDED", at, "another run rotated it in the meantime", { retryable: true });
  }
}
