import type { Rotation } from "../../infra/rotation";
import { StackLockedError } from "../errors";
import { failureOf } from "../failureOf";
import { gateHooks } from "../gates/hooks";
import { proveEntry } from "../gates/prove";
import type { Entry } from "../gates/run";
import type { PlannedSecret } from "../plan/plannedSecret";
import { rotatingSecret, unwrittenOf } from "../plan/planRotation";
import { partOf } from "../stack/partOf";
import { knownIn } from "../stack/recordedStack";
import { targetsOf, update } from "../stack/update";
import { admissionOf } from "./admissionOf";
import { blameRest, blameUpdate, failSuperseded } from "./blame";
import { follow } from "./follow";
import { newValues } from "./newValues";
import type { Updating } from "./updating";
import { writesVersionsFirst } from "./versionsFirst";
import { wavesOf } from "./waves";
import { whenFree } from "./whenFree";

/**
 * Writes the new versions and brings them through the gates "prove" and "synced" to the workloads. What fails is recorded in
 * the run. Where a failed secret held up another one (they share a workload), the update is repeated without the failed one.
 *
 * A run is one update, or two where that costs less (see writesVersionsFirst). A run over more secrets than it was told to take at once
 * goes in waves, each like a run: whatever stops an update that is under way leaves one wave to be gone on with.
 *
 * @throws {StackLockedError} when another update holds the stack before the first one; nothing was touched then
 */
export async function rotateVersions(updating: Updating): Promise<void> {
  const { run, parallel } = updating;
  const entries = run.alive();
  const waves = parallel !== undefined && entries.length > parallel ? wavesOf(entries, parallel) : [entries];
  const updates = new Updates(updating, waves.length > 1);
  for (const wave of waves) {
    let left: readonly Entry[] = wave;
    while (left.length > 0) left = await updates.next(left);
    if (updates.broken) return blameRest(updating, updates.broken);
  }
}

/** The updates of one run, one after the other. */
class Updates {
  #isFirst = true;
  /** By name: those that were made and are not known to be written. */
  readonly #values = new Map<string, string>();
  /** Why the run cannot go on: an update has failed by nothing that could be named. */
  broken: unknown;

  constructor(
    private readonly updating: Updating,
    private readonly inWaves: boolean,
  ) {}

  /** @returns those that another update has to bring to their workloads */
  async next(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const { endings } = this.updating;
    const unwritten = entries.filter((entry) => isUnwritten(entry));
    // Where the state is written once, no update both writes a version and has it set.
    const savedOnce = writesVersionsFirst(this.updating, entries.length);
    const writesOnly = savedOnce && unwritten.length > 0;
    const attempt = () =>
      writesOnly ? this.#update(unwritten, "values", savedOnce) : this.#update(entries, "all", savedOnce);
    const error = await (this.#isFirst ? firstUpdate(attempt) : whenFree(this.updating, attempt));
    this.#isFirst = false;
    if (writesOnly && error === undefined) return this.#written(entries);
    await this.#proveByDriver(alive(entries));
    if (error === undefined) failSuperseded(alive(entries));
    const left = error === undefined ? [] : await this.#left(entries, error);
    if (this.inWaves) for (const entry of alive(entries)) if (!left.includes(entry)) endings.begin(entry);
    return alive(left);
  }

  /** After an update that has written versions, and nothing else. @returns those that have one */
  async #written(entries: readonly Entry[]): Promise<readonly Entry[]> {
    await this.#held(alive(entries)).catch((unread: unknown) => {
      for (const entry of alive(entries)) blameUpdate(this.updating.run, entry, unread);
    });
    failSuperseded(alive(entries).filter(isUnwritten));
    return alive(entries);
  }

  /** After an update that has failed. */
  async #left(entries: readonly Entry[], error: unknown): Promise<readonly Entry[]> {
    const { run } = this.updating;
    const asked = alive(entries);
    const left = await this.#held(asked).catch((unread: unknown) => {
      for (const entry of asked) blameUpdate(run, entry, unread);
      return [];
    });
    // Nothing failed that could be named, or nothing was held up by it: a repetition would change nothing.
    if (alive(entries).length === entries.length) {
      this.broken = error;
      for (const entry of left) blameUpdate(run, entry, error);
    }
    return left;
  }

  /**
   * Made last, so that they exist for as short as can be, and under the stack's lock, so that of two runs none takes what
   * the other one has just had made for something that was lost.
   */
  async #makeValues(entries: readonly Entry[]): Promise<void> {
    const { run } = this.updating;
    for (const [name, { versionId }] of run.entries) if (versionId !== undefined) this.#values.delete(name);
    const missing = alive(entries).filter(
      ({ plan, versionId }) => versionId === undefined && !this.#values.has(plan.context.secret.name),
    );
    for (const [name, value] of await newValues(run, missing)) this.#values.set(name, value);
  }

  /** Those whose version has not reached every ExternalSecret and workload. */
  async #held(entries: readonly Entry[]): Promise<Entry[]> {
    if (entries.length === 0) return [];
    const recorded = await this.updating.open.recorded();
    return entries.filter((entry) => {
      const known = recorded.get(entry.plan.context.secret.name);
      entry.versionId ??= known?.version?.counter === entry.plan.counter ? known.version.id : undefined;
      return entry.versionId === undefined || !known?.reached(entry.versionId, entry.plan.context.reloaded);
    });
  }

  /** Those that come into no Kubernetes have no resource that waits for the gate "prove". */
  async #proveByDriver(entries: readonly Entry[]): Promise<void> {
    const isProved = ({ mode, newValue }: PlannedSecret) => mode === "retire" && newValue === undefined;
    const direct = entries.filter(({ plan }) => !plan.context.secret.externalSecret && !isProved(plan));
    if (direct.length === 0) return;
    const { run, observer } = this.updating;
    const recorded = await this.updating.open.recorded();
    const proofs = direct.map(async (entry) => {
      const { name } = entry.plan.context.secret;
      const version = recorded.get(name)?.version;
      entry.versionId ??= version?.counter === entry.plan.counter ? version.id : undefined;
      if (entry.versionId === undefined) return;
      try {
        await proveEntry(entry, entry.versionId, observer);
      } catch (error) {
        run.fail(name, failureOf(error, { secret: name, step: "set" }));
      }
    });
    await Promise.all(proofs);
  }

  /** @param which  `values`: the versions are written, and nobody is told of them */
  async #update(entries: readonly Entry[], which: "all" | "values", savedOnce: boolean): Promise<unknown> {
    const { open, ports, run, runId, observer, interruption, recorded, now, endings } = this.updating;
    run.stoppedByGate.clear();
    const admission = which === "all" ? admissionOf(entries, this.updating) : undefined;
    run.whenFailed = (name) => admission?.fail(name);
    const gates = gateHooks(run, observer, () => ports.secretsManager.turnToWrite(), admission);
    const names = new Set(entries.map(({ plan }) => plan.context.secret.name));
    const rotation = async (): Promise<Rotation> => {
      await this.#makeValues(entries);
      // The update is repeated without it.
      if (alive(entries).length < entries.length) throw new Error("a new value could not be made: nothing was changed");
      const rotating = new Map(
        entries.map(({ plan }) => {
          const { name } = plan.context.secret;
          return [name, rotatingSecret(plan, this.#values.get(name))];
        }),
      );
      return {
        rotating,
        settled: new Map(),
        known: knownIn(recorded),
        part: partOf(open.config, recorded, names),
        now,
        ...gates,
      };
    };
    const reached = (entry: Entry) => {
      admission?.leave(entry.plan.context.secret.name);
      endings.reached(entry);
    };
    const reloaded = (name: string) => run.entries.get(name)?.plan.context.reloaded;
    const targets = targetsOf(open, names, which, reloaded, unwrittenOf(entries.map(({ plan }) => plan)));
    const told = follow(open.config.stack, run, observer, reached, names);
    // The engine tells of the others too, which it leaves as they are.
    const isTarget = new Set(targets);
    return update(open, rotation, {
      targets,
      message: messageOf(names, runId),
      onResource: (event) => isTarget.has(event.urn) && told(event),
      interruption,
      parallel: unlimited,
      savedOnce,
    }).finally(() => gates.end());
  }
}

function alive(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ error }) => error === undefined);
}

/** This run has a value of its own to write for it, and has not seen that written. */
function isUnwritten({ plan, versionId }: Entry): boolean {
  return plan.newValue !== undefined && versionId === undefined;
}

async function firstUpdate(attempt: () => Promise<unknown>): Promise<unknown> {
  return attempt().catch((error: unknown) => {
    throw error instanceof StackLockedError ? new StackLockedError(`nothing was changed: ${error.message}`) : error;
  });
}

/**
 * Resources that the engine works on at once, as the largest number that it takes: a gate that waits holds one, and what is
 * to be done at once is said by `Admission` and by the limit of writes.
 */
const unlimited = 2 ** 31 - 1;

/** The message is one argument of the CLI's. */
const namesInMessage = 50;

function messageOf(names: ReadonlySet<string>, runId: string): string {
  return `rotate ${names.size > namesInMessage ? `${names.size} secrets` : [...names].join(", ")} (${runId})`;
}
