import type { ResourceHookArgs } from "@pulumi/pulumi";
import { versionAnnotation } from "../../infra/names";
import type { Rotation } from "../../infra/rotation";
import { nameIn } from "../../infra/urns";
import { failureOf } from "../failureOf";
import { type Observer, observed } from "../observer";
import type { Step } from "../steps";
import type { Admission } from "./admission";
import { proveEntry } from "./prove";
import type { Entry, Run } from "./run";
import { stillDriven } from "./stillDriven";
import { superseded } from "./superseded";
import { synced } from "./synced";

/** The gates of one update, as the hooks that the program puts before its resources. */
export interface Gates extends Pick<Rotation, "write" | "prove" | "synced"> {
  /**
   * To be called when the update has ended, however it did: an engine that was killed leaves its gates waiting. From then on none
   * begins anything; resolves when none is between `set` and `finish` any more.
   */
  end(): Promise<void>;
}

/** The engine that waited for a gate is gone: no failure of the secret. */
class UpdateEnded extends Error {}

/**
 * Each gate runs once for a secret, however many resources wait for it; its failure is recorded in the run, and stops the
 * resource.
 *
 * @param write  waits until AWS takes another write
 * @param admission  who of a large update may be written and set now; undefined: all
 */
export function gateHooks(run: Run, observer: Observer, write: () => Promise<void>, admission?: Admission): Gates {
  const results = new Map<string, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  let hasEnded = false;
  const throwIfEnded = () => {
    if (hasEnded) throw new UpdateEnded("the update has ended");
  };
  const once = (step: Step, secret: string, work: () => Promise<void>): Promise<void> => {
    const key = `${step} ${secret}`;
    const result = results.get(key) ?? work().catch((error) => fail(run, secret, step, error));
    results.set(key, result);
    return result;
  };
  return {
    async write(name) {
      await admission?.enter(name);
      throwIfEnded();
      await write();
    },
    prove: (name, hook) =>
      once("set", name, async () => {
        await admission?.enter(name);
        throwIfEnded();
        const proof = proveEntry(entryOf(run, name), versionIn(hook), observer);
        underWay.add(proof);
        await proof.finally(() => underWay.delete(proof));
      }),
    async synced(names, { urn }) {
      throwIfEnded();
      const alive = names.filter((name) => run.entries.get(name)?.error === undefined);
      const gates = alive.map((name) =>
        once("sync", name, async () => {
          const { plan, versionId } = entryOf(run, name);
          // The workload of another secret is changed, and this one's version is none of this run.
          if (versionId === undefined) throw superseded(name);
          await observed(observer, name, "sync", () => synced(plan.context, versionId));
        }),
      );
      const workload = nameIn(urn);
      const driven = alive.map(async (name, i) => {
        await gates[i];
        const { plan, versionId = "" } = entryOf(run, name);
        await stillDriven(plan.context, versionId, workload).catch((error) => fail(run, name, "rollout", error));
      });
      const stopped = (await Promise.allSettled(driven)).find((result) => result.status === "rejected");
      if (stopped) {
        run.stoppedByGate.add(urn);
        throw stopped.reason;
      }
      throwIfEnded();
      for (const name of alive) observer.stepStarted(name, "rollout");
    },
    async end() {
      hasEnded = true;
      await Promise.allSettled(underWay);
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
  const versionId = metadata?.annotations?.[versionAnnotation];
  if (!versionId) throw new Error(`the ExternalSecret has no annotation ${versionAnnotation}`);
  return versionId;
}

function fail(run: Run, secret: string, step: Step, error: unknown): never {
  if (error instanceof UpdateEnded) throw error;
  const known = failureOf(error, { secret, step });
  run.fail(secret, known);
  throw known;
}
